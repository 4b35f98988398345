import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import type { ApiError } from '../api/problem.ts'
import { useSession } from '../api/session.tsx'
import { Card } from '../components/card.tsx'
import { Field, PasswordField } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { passwordHint, passwordIssue } from '../components/new-password.ts'

/** With a mail server the account opens by a link; without one the browser is signed in at once. */
export function Page() {
  const { refresh } = useSession()
  const [mailedTo, setMailedTo] = useState<string>()

  if (mailedTo !== undefined) {
    return (
      <Card title="Look in your mail" lead={`If ${mailedTo} can be used here, a message is on its way to it.`}>
        <p>Open the link in it within a day, and enter the password that you just chose.</p>
        <p class="aside">
          Nothing there? Look among the unwanted mail, or <a href="/verify-email">have another link sent</a>.
        </p>
      </Card>
    )
  }

  return (
    <Card title="Open an account" lead="Your provider keys and prompts are sealed to it, and to nobody else.">
      <Form
        submit="Open the account"
        issueOf={signUpIssue}
        onSubmit={async ({ email = '', password }) => {
          const { status } = await api.post<{ status: string }>('/api/auth/sign-up', { email, password })
          if (status === 'verification_sent') setMailedTo(email)
          else await refresh()
        }}
      >
        <Field name="email" label="E-mail address" type="email" required autoComplete="username" />
        <PasswordField autoComplete="new-password" hint={passwordHint} />
      </Form>
      <p class="aside">
        Have one already? <a href="/sign-in">Sign in</a>
      </p>
    </Card>
  )
}

function signUpIssue(error: ApiError): Readonly<Record<string, string>> | undefined {
  if (error.code === 'CONFLICT') return { email: 'This address has an account: sign in instead' }
  return passwordIssue(error, 'password')
}
