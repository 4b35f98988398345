import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { hasPasskeys, makePasskey, type Passkey } from '../api/passkey.ts'
import { useLoad } from '../api/use-load.ts'
import { Time } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { ConfirmDelete, Dialog } from '../components/dialog.tsx'
import { erasure } from '../components/erasure.ts'
import { Field } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { EmptyState, Notice, Tag } from '../components/notice.tsx'
import { withProof } from '../components/password-proof.tsx'
import { Rename } from '../components/rename.tsx'
import { Awaited, Section } from '../components/section.tsx'

/** The passkeys of the account. */
export function Passkeys() {
  const loaded = useLoad('passkeys', async (signal) => {
    const { passkeys } = await api.get<{ readonly passkeys: readonly Passkey[] }>('/api/auth/passkeys', { signal })
    return passkeys
  })
  const [adding, setAdding] = useState(false)
  const [asking, setAsking] = useState<{ readonly about: Passkey; readonly to: 'rename' | 'remove' }>()
  const [said, setSaid] = useState<string>()
  const passkeys = loaded.data ?? []
  const close = () => setAsking(undefined)

  const add = async ({ label = '' }: Readonly<Record<string, string>>) => {
    const added = await withProof(() => makePasskey(label))
    setAdding(false)
    loaded.change((newest) => [added, ...newest])
    setSaid(`“${added.label}” is added: it signs you in without a password.`)
  }
  const rename = async (about: Passkey, label: string) => {
    const renamed = await api.patch<Passkey>(`/api/auth/passkeys/${about.id}`, { label })
    loaded.change((newest) => newest.map((each) => (each.id === renamed.id ? renamed : each)))
    close()
  }
  const remove = async (about: Passkey) => {
    const { bytesErased } = await withProof(() =>
      api.delete<{ readonly bytesErased: boolean }>(`/api/auth/passkeys/${about.id}`),
    )
    loaded.change((newest) => newest.filter(({ id }) => id !== about.id))
    setSaid(`“${about.label}” is removed. ${erasure(bytesErased, 'its record')}`)
  }
  const addButton = hasPasskeys() && <Button onClick={() => setAdding(true)}>Add a passkey</Button>

  return (
    <Section
      title="Passkeys"
      lead="Your fingerprint, face or device PIN in the place of the password. It works at this address alone, so that no other site can ask for it."
      actions={passkeys.length > 0 && addButton}
    >
      <div class="stack">
        {said !== undefined && <Notice kind="success">{said}</Notice>}
        <Awaited loaded={loaded}>
          {(held) =>
            held.length === 0 ? (
              <EmptyState title="No passkey yet" action={addButton}>
                {hasPasskeys()
                  ? 'Add one on this device, on a security key, or in your password manager.'
                  : 'This browser has no passkeys. Open this page in one that has.'}
              </EmptyState>
            ) : (
              <ul class="rows">
                {held.map((passkey) => (
                  <PasskeyRow
                    key={passkey.id}
                    of={passkey}
                    onRename={() => setAsking({ about: passkey, to: 'rename' })}
                    onRemove={() => setAsking({ about: passkey, to: 'remove' })}
                  />
                ))}
              </ul>
            )
          }
        </Awaited>
      </div>
      <Dialog open={adding} title="Add a passkey" onClose={() => setAdding(false)}>
        <Form submit="Go on" onSubmit={add}>
          <p>Your browser asks next where it shall be kept.</p>
          <Field
            name="label"
            label="Name"
            required
            maxLength={80}
            autoComplete="off"
            hint="Where it is, such as “Laptop”."
          />
        </Form>
      </Dialog>
      {asking !== undefined && (
        <>
          <Rename
            open={asking.to === 'rename'}
            label={asking.about.label}
            onRename={(label) => rename(asking.about, label)}
            onClose={close}
          />
          <RemovePasskey
            open={asking.to === 'remove'}
            label={asking.about.label}
            onConfirm={() => remove(asking.about)}
            onClose={close}
          />
        </>
      )}
    </Section>
  )
}

function PasskeyRow({
  of: { label, backedUp, createdAt, lastUsedAt },
  onRename,
  onRemove,
}: {
  readonly of: Passkey
  onRename(): void
  onRemove(): void
}) {
  return (
    <li>
      <div>
        <p class="row-title">
          {label} {backedUp && <Tag>Synced</Tag>}
        </p>
        <p class="row-note">
          Added <Time at={createdAt} />, {lastUsedAt === null ? 'not used yet' : 'last used '}
          {lastUsedAt !== null && <Time at={lastUsedAt} />}
        </p>
      </div>
      <div class="actions">
        <Button onClick={onRename}>Rename</Button>
        <Button onClick={onRemove}>Remove</Button>
      </div>
    </li>
  )
}

function RemovePasskey({
  open,
  label,
  onConfirm,
  onClose,
}: {
  readonly open: boolean
  readonly label: string
  onConfirm(): Promise<void>
  onClose(): void
}) {
  return (
    <ConfirmDelete open={open} title={`Remove “${label}”?`} confirm="Remove it" onConfirm={onConfirm} onClose={onClose}>
      <p>It signs you in no more. Delete it on your device as well: it goes on to be offered there.</p>
    </ConfirmDelete>
  )
}
