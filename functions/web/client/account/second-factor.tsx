import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { explain } from '../api/problem.ts'
import { useMe, useSession } from '../api/session.tsx'
import { useLoad } from '../api/use-load.ts'
import { Count } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { erasure } from '../components/erasure.ts'
import { Form } from '../components/form.tsx'
import { Notice, Tag } from '../components/notice.tsx'
import { withProof } from '../components/password-proof.tsx'
import { ProofFields, proofIn, proofIssue } from '../components/proof-fields.tsx'
import { Awaited, Section } from '../components/section.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { SetUpAuthenticator } from './set-up-authenticator.tsx'

/** The authenticator app, and the recovery codes that stand in for it. */
export function SecondFactor() {
  const { secondFactor } = useMe()
  const { amend } = useSession()
  const [asking, setAsking] = useState<'set-up' | 'remove'>()
  const [said, setSaid] = useState<string>()
  const close = () => setAsking(undefined)

  const remove = async (values: Readonly<Record<string, string>>) => {
    const { bytesErased } = await api.delete<{ readonly bytesErased: boolean }>(
      '/api/auth/second-factor',
      proofIn(values),
    )
    close()
    setSaid(`The second factor is removed. ${erasure(bytesErased, 'its secret')}`)
    amend({ secondFactor: false })
  }

  return (
    <Section
      title="Second factor"
      lead="A code of an app on your phone, beside the password: who learns your password alone does not get in."
    >
      <div class="stack">
        {said !== undefined && <Notice kind="success">{said}</Notice>}
        <ul class="rows">
          <li>
            <div>
              <p class="row-title">
                Authenticator app {secondFactor ? <Tag kind="success">On</Tag> : <Tag kind="warning">Off</Tag>}
              </p>
              <p class="row-note">
                {secondFactor ? 'Signing in with the password takes a code.' : 'The password alone signs you in.'}
              </p>
            </div>
            {secondFactor ? (
              <Button onClick={() => setAsking('remove')}>Remove</Button>
            ) : (
              <Button onClick={() => setAsking('set-up')}>Set up</Button>
            )}
          </li>
          {secondFactor && <RecoveryCodesRow />}
        </ul>
      </div>
      <SetUpAuthenticator
        open={asking === 'set-up'}
        onConfirmed={() => amend({ secondFactor: true })}
        onClose={close}
      />
      <Dialog open={asking === 'remove'} title="Remove the second factor?" onClose={close}>
        <Form submit="Remove it" submitKind="danger" onSubmit={remove} issueOf={proofIssue}>
          <p>From then on the password alone signs you in. The recovery codes go with it.</p>
          <ProofFields />
        </Form>
      </Dialog>
    </Section>
  )
}

function RecoveryCodesRow() {
  const loaded = useLoad('recovery codes', (signal) =>
    api.get<{ readonly unused: number }>('/api/auth/recovery-codes', { signal }),
  )
  const [made, setMade] = useState<readonly string[]>()
  const [error, setError] = useState<unknown>()

  const make = async () => {
    setError(undefined)
    try {
      const { recoveryCodes } = await withProof(() =>
        api.post<{ readonly recoveryCodes: readonly string[] }>('/api/auth/recovery-codes'),
      )
      setMade(recoveryCodes)
      loaded.set({ unused: recoveryCodes.length })
    } catch (thrown) {
      setError(thrown)
    }
  }

  return (
    <li>
      <div>
        <p class="row-title">Recovery codes</p>
        <Awaited loaded={loaded} lines={1}>
          {({ unused }) => (
            <p class="row-note">
              <Count of={unused} /> unused. New ones put an end to those from before.
            </p>
          )}
        </Awaited>
        {error !== undefined && <Notice kind="error">{explain(error)}</Notice>}
      </div>
      <Button onClick={() => void make()}>Make new ones</Button>
      <Dialog open={made !== undefined} title="Keep your recovery codes" onClose={() => setMade(undefined)}>
        <RecoveryCodes codes={made ?? []} onDone={() => setMade(undefined)} />
      </Dialog>
    </li>
  )
}
