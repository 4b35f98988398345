import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { PasswordField } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { passwordHint, passwordIssue } from '../components/new-password.ts'
import { Notice } from '../components/notice.tsx'
import { ProofFields, proofIn, proofIssue } from '../components/proof-fields.tsx'
import { Section } from '../components/section.tsx'

/** Changes the password. The form begins anew once that is done. */
export function Password({ onChanged }: { onChanged(): void }) {
  const [changes, setChanges] = useState(0)

  const change = async (values: Readonly<Record<string, string>>) => {
    const { password: currentPassword, code } = proofIn(values)
    const { newPassword } = values
    const body = { currentPassword, newPassword, ...(code === undefined ? {} : { code }) }
    await api.post('/api/auth/change-password', body)
    setChanges(changes + 1)
    onChanged()
  }

  return (
    <Section title="Password" lead="A change signs out every other browser.">
      <div class="stack">
        {changes > 0 && (
          <Notice kind="success">Your password is changed, and every other browser is signed out.</Notice>
        )}
        <Form
          key={changes}
          submit="Change the password"
          submitKind="secondary"
          onSubmit={change}
          issueOf={(error) => passwordIssue(error, 'newPassword') ?? proofIssue(error)}
        >
          <ProofFields label="Password now" />
          <PasswordField name="newPassword" label="New password" autoComplete="new-password" hint={passwordHint} />
        </Form>
      </div>
    </Section>
  )
}
