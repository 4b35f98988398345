import { useState } from 'preact/hooks'
import { api } from '../api/api.ts'
import { Field } from './field.tsx'
import { Form } from './form.tsx'
import { Notice } from './notice.tsx'

/** Asks for an address and has a link mailed to it. It never says whether the address has an account. */
export function RequestLink({ operation }: { readonly operation: string }) {
  const [sentTo, setSentTo] = useState<string>()
  return (
    <>
      {sentTo !== undefined && (
        <Notice kind="success">If {sentTo} has an account that needs one, a link is on its way.</Notice>
      )}
      <Form
        submit={sentTo === undefined ? 'Send the link' : 'Send another'}
        onSubmit={async ({ email = '' }) => {
          setSentTo(undefined)
          await api.post(operation, { email })
          setSentTo(email)
        }}
      >
        <Field name="email" label="E-mail address" type="email" required autoComplete="username" />
      </Form>
    </>
  )
}
