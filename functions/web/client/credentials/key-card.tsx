import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { explain } from '../api/problem.ts'
import { Time } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { ConfirmDelete } from '../components/dialog.tsx'
import { erasure } from '../components/erasure.ts'
import { Menu } from '../components/menu.tsx'
import { Notice, Tag } from '../components/notice.tsx'
import { Rename } from '../components/rename.tsx'
import { KeyLedger } from './key-ledger.tsx'
import { checkInWords } from './key-refusal.ts'
import { nameOf, type ProviderKey, providerNames } from './provider-key.ts'
import { ReplaceKey } from './replace-key.tsx'

type Act = 'uses' | 'replace' | 'rename' | 'delete'

/**
 * One provider key, and what can be done with it. `onAct` is told when something begins, `onChange` what came of it, and
 * `onGone` in words what became of its bytes.
 */
export function KeyCard({
  of: key,
  onAct,
  onChange,
  onGone,
}: {
  readonly of: ProviderKey
  onAct(): void
  onChange(key: ProviderKey): void
  onGone(said: string): void
}) {
  const [asking, setAsking] = useState<Act>()
  const [checking, setChecking] = useState(false)
  const [refusal, setRefusal] = useState<unknown>()
  const [said, setSaid] = useState<string>()
  const begin = (act: Act) => {
    onAct()
    setAsking(act)
  }
  const close = () => setAsking(undefined)
  const path = `/api/keys/${key.id}`
  const name = nameOf(key)
  const provider = providerNames[key.provider]

  const check = async () => {
    onAct()
    setChecking(true)
    setRefusal(undefined)
    setSaid(undefined)
    try {
      onChange(await api.post<ProviderKey>(`${path}/verify`))
      setSaid(`${provider} accepts this key.`)
    } catch (error) {
      setRefusal(checkInWords(error, key.provider))
      // A refusal is kept: the key no longer counts as accepted.
      await api.get<ProviderKey>(path).then(onChange, () => {})
    } finally {
      setChecking(false)
    }
  }

  return (
    <li class="record">
      <div class="record-head">
        <h3>{name}</h3>
        {name !== provider && <Tag>{provider}</Tag>}
        <Standing of={key} />
      </div>
      <KeyFacts of={key} />
      {refusal !== undefined && <Notice kind="error">{explain(refusal)}</Notice>}
      {said !== undefined && <Notice kind="success">{said}</Notice>}
      <div class="actions">
        <Button pending={checking} onClick={() => void check()}>
          Check now
        </Button>
        <Button onClick={() => begin('uses')}>Uses</Button>
        <Menu label="More" accessibleLabel={`More for ${name}`}>
          <Choice text="Replace …" onChoose={() => begin('replace')} />
          <Choice text="Rename …" onChoose={() => begin('rename')} />
          <Choice text="Delete …" onChoose={() => begin('delete')} />
        </Menu>
      </div>
      <KeyLedger open={asking === 'uses'} of={key} onClose={close} />
      <ReplaceKey
        open={asking === 'replace'}
        old={key}
        onClose={close}
        onReplaced={({ bytesErased, ...replaced }) => {
          close()
          setSaid(`The key is replaced. ${erasure(bytesErased, 'the old key')}`)
          onChange(replaced)
        }}
      />
      <Rename
        open={asking === 'rename'}
        label={name}
        onClose={close}
        onRename={async (label) => {
          onChange(await api.patch<ProviderKey>(path, { label }))
          close()
        }}
      />
      <ConfirmDelete
        open={asking === 'delete'}
        title={`Delete “${name}”?`}
        confirm="Delete the key"
        onClose={close}
        onConfirm={async () => {
          const { bytesErased } = await api.delete<{ readonly bytesErased: boolean }>(path)
          onGone(`“${name}” is deleted. ${erasure(bytesErased, 'the key')}`)
        }}
      >
        <p>
          The key that ends in <code>{key.lastFour}</code> is removed from this Oort, and its bytes from the database.
          Its ledger stays. {provider} still accepts it: revoke it there too.
        </p>
      </ConfirmDelete>
    </li>
  )
}

function Choice({ text, onChoose }: { readonly text: string; onChoose(): void }) {
  return (
    <li>
      <button type="button" onClick={onChoose}>
        {text}
      </button>
    </li>
  )
}

function Standing({ of: { verifiedAt } }: { readonly of: ProviderKey }) {
  if (verifiedAt === null) return <Tag kind="warning">Not confirmed</Tag>
  return <Tag kind="success">Accepted</Tag>
}

function KeyFacts({ of: { lastFour, fingerprint, verifiedAt, lastUsedAt, createdAt } }: { readonly of: ProviderKey }) {
  return (
    <dl class="record-facts">
      <div>
        <dt>Ends in</dt>
        <dd>
          <code>…{lastFour}</code>
        </dd>
      </div>
      <div>
        <dt>Fingerprint</dt>
        <dd>
          <code>{fingerprint.replace(/(.{4})(?=.)/g, '$1 ')}</code>
        </dd>
      </div>
      <div>
        <dt>Last accepted</dt>
        <dd>{verifiedAt === null ? 'Not at present' : <Time at={verifiedAt} />}</dd>
      </div>
      <div>
        <dt>Last used</dt>
        <dd>{lastUsedAt === null ? 'Not yet' : <Time at={lastUsedAt} />}</dd>
      </div>
      <div>
        <dt>Added</dt>
        <dd>
          <Time at={createdAt} />
        </dd>
      </div>
    </dl>
  )
}
