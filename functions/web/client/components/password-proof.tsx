import { useEffect, useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { hasPasskeys, type Passkey, proveByPasskey } from '../api/passkey.ts'
import { ApiError, explain } from '../api/problem.ts'
import { useLoad } from '../api/use-load.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Form } from './form.tsx'
import { Notice } from './notice.tsx'
import { ProofFields, proofIn, proofIssue } from './proof-fields.tsx'

let askForProof: () => Promise<boolean> = async () => false

/**
 * Does what may need a recent proof of who is there. When the API asks for one, the dialog appears, and the deed is
 * done again after it; when the user closes the dialog, the refusal is thrown. Throws ApiError.
 */
export async function withProof<T>(deed: () => Promise<T>): Promise<T> {
  try {
    return await deed()
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'REAUTHENTICATION_REQUIRED') throw error
    if (!(await askForProof())) throw error
    return await deed()
  }
}

/** The dialog behind `withProof`. There is one, in the application. */
export function PasswordProof() {
  const [waiting, setWaiting] = useState<((given: boolean) => void) | undefined>()

  useEffect(() => {
    askForProof = () => new Promise((resolve) => setWaiting(() => resolve))
  }, [])

  const end = (given: boolean) => {
    waiting?.(given)
    setWaiting(undefined)
  }

  return (
    <Dialog open={waiting !== undefined} title="Is it still you?" onClose={() => end(false)}>
      <p>This needs a proof of the last minutes that it is you.</p>
      <Proof onGiven={() => end(true)} />
    </Dialog>
  )
}

function Proof({ onGiven }: { onGiven(): void }) {
  const [refusal, setRefusal] = useState<unknown>()
  const { data } = useLoad('passkeys', (signal) =>
    api.get<{ readonly passkeys: readonly Passkey[] }>('/api/auth/passkeys', { signal }),
  )
  const offered = hasPasskeys() && data !== undefined && data.passkeys.length > 0

  const usePasskey = async () => {
    setRefusal(undefined)
    try {
      await proveByPasskey()
      onGiven()
    } catch (error) {
      setRefusal(error)
    }
  }

  return (
    <>
      {refusal !== undefined && <Notice kind="error">{explain(refusal)}</Notice>}
      <Form
        submit="Go on"
        onSubmit={async (values) => {
          await api.post('/api/auth/reauthenticate', proofIn(values))
          onGiven()
        }}
        issueOf={proofIssue}
        actions={offered && <Button onClick={() => void usePasskey()}>Use a passkey</Button>}
      >
        <ProofFields />
      </Form>
    </>
  )
}
