import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { Card } from '../components/card.tsx'
import { PasswordField } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { RequestLink } from '../components/request-link.tsx'
import { takeMailedToken } from '../mailed-token.ts'

/** With a mailed link: asks for the password, which together with it opens the account. Without: has one sent. */
export function Page() {
  const [token, setToken] = useState(takeMailedToken)
  const [verified, setVerified] = useState(false)

  if (verified) {
    return (
      <Card title="Your address is confirmed" lead="The account is open.">
        <a class="button primary" href="/sign-in">
          Sign in
        </a>
      </Card>
    )
  }
  if (token === undefined) {
    return (
      <Card title="Confirm your address" lead="We send a link to the address that you signed up with.">
        <RequestLink operation="/api/auth/request-verification" />
      </Card>
    )
  }
  return (
    <Card title="Confirm your address" lead="Enter the password that you chose when you signed up.">
      <Form
        submit="Confirm"
        issueOf={({ code }) => (code === 'CREDENTIALS_REFUSED' ? { password: 'The password is wrong' } : undefined)}
        onSubmit={async ({ password }) => {
          await api.post('/api/auth/verify-email', { token, password })
          setVerified(true)
        }}
      >
        <PasswordField />
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
