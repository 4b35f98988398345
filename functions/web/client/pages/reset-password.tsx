import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { useSession } from '../api/session.tsx'
import { Card } from '../components/card.tsx'
import { PasswordField } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { passwordHint, passwordIssue } from '../components/new-password.ts'
import { RequestLink } from '../components/request-link.tsx'
import { takeMailedToken } from '../mailed-token.ts'

/** Without a mailed link: has one sent. With it: takes the new password. */
export function Page() {
  const { refresh, status } = useSession()
  const [token, setToken] = useState(takeMailedToken)
  const [done, setDone] = useState(false)

  if (done) {
    return (
      <Card title="Your password is changed" lead="Every device is signed out, this one too.">
        <a class="button primary" href="/sign-in">
          Sign in
        </a>
      </Card>
    )
  }
  if (token === undefined) {
    return (
      <Card title="Reset your password" lead="We send a link to your address. It works once, within an hour.">
        <RequestLink operation="/api/auth/request-password-reset" />
        <p class="aside">
          It came back to you? <a href="/sign-in">Sign in</a>
        </p>
      </Card>
    )
  }
  return (
    <Card title="Choose a new password" lead="Every device will be signed out.">
      <Form
        submit="Change the password"
        issueOf={(error) => passwordIssue(error, 'newPassword')}
        onSubmit={async ({ newPassword }) => {
          await api.post('/api/auth/reset-password', { token, newPassword })
          // The password is changed, whether or not it can be told who is signed in now.
          if (status === 'in') await refresh().catch(() => {})
          setDone(true)
        }}
      >
        <PasswordField name="newPassword" label="New password" autoComplete="new-password" hint={passwordHint} />
      </Form>
      <p class="aside">
        The link does not work?{' '}
        <button type="button" class="link" onClick={() => setToken(undefined)}>
          Have another one sent
        </button>
      </p>
    </Card>
  )
}
