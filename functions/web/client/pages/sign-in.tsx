import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { api } from '../api/api.ts'
import { ApiError } from '../api/problem.ts'
import { useSession } from '../api/session.tsx'
import { Card } from '../components/card.tsx'
import { CodeField, Field, PasswordField } from '../components/field.tsx'
import { Form } from '../components/form.tsx'

/** Address and password; a code is asked for once the API wants one. The guard of the route goes on from there. */
export function Page() {
  const { refresh } = useSession()
  const { query } = useLocation()
  const [withCode, setWithCode] = useState(false)

  const signIn = async ({ email, password, code }: Readonly<Record<string, string>>) => {
    try {
      await api.post('/api/auth/sign-in', { email, password, ...(withCode ? { code } : {}) })
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'SECOND_FACTOR_REQUIRED') throw error
      setWithCode(true)
      return
    }
    await refresh()
  }

  return (
    <Card title="Sign in" lead={query['to'] === undefined ? undefined : 'Sign in to go on to where you were.'}>
      <Form
        submit="Sign in"
        onSubmit={signIn}
        issueOf={({ code, message }) => (code === 'SECOND_FACTOR_REFUSED' ? { code: message } : undefined)}
      >
        <Field name="email" label="E-mail address" type="email" required autoComplete="username webauthn" />
        <PasswordField />
        {withCode && <CodeField focused />}
      </Form>
      <p class="aside">
        <a href="/reset-password">Forgot your password?</a>
      </p>
      <p class="aside">
        New here? <a href="/sign-up">Open an account</a>
      </p>
    </Card>
  )
}
