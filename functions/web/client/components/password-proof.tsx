import { useEffect, useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { ApiError } from '../api/problem.ts'
import { useSession } from '../api/session.tsx'
import { Dialog } from './dialog.tsx'
import { CodeField, PasswordField } from './field.tsx'
import { Form } from './form.tsx'

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
  const session = useSession()
  const [waiting, setWaiting] = useState<((given: boolean) => void) | undefined>()
  const withCode = session.status === 'in' && session.me.secondFactor

  useEffect(() => {
    askForProof = () => new Promise((resolve) => setWaiting(() => resolve))
  }, [])

  const end = (given: boolean) => {
    waiting?.(given)
    setWaiting(undefined)
  }

  return (
    <Dialog open={waiting !== undefined} title="Is it still you?" onClose={() => end(false)}>
      <p>This needs your password again, as it was not given for a while.</p>
      <Form
        submit="Go on"
        onSubmit={async ({ password, code }) => {
          await api.post('/api/auth/reauthenticate', { password, ...(withCode ? { code } : {}) })
          end(true)
        }}
        issueOf={({ code, message }) => {
          if (code === 'CREDENTIALS_REFUSED') return { password: 'The password is wrong' }
          return code === 'SECOND_FACTOR_REFUSED' ? { code: message } : undefined
        }}
      >
        <PasswordField />
        {withCode && <CodeField />}
      </Form>
    </Dialog>
  )
}
