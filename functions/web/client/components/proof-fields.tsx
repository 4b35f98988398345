import type { ApiError } from '../api/problem.ts'
import { useSession } from '../api/session.tsx'
import { CodeField } from './code-field.tsx'
import { PasswordField } from './field.tsx'
import type { Values } from './form.tsx'

/** What proves whose account it is: the password and, where there is a second factor, a code. */
export function ProofFields({ label = 'Password' }: { readonly label?: string }) {
  const session = useSession()
  if (session.status !== 'in') return null
  const { email, secondFactor } = session.me
  return (
    <>
      {/* Tells password managers whose password it is. */}
      <input type="text" name="username" value={email} autoComplete="username" readOnly hidden />
      <PasswordField label={label} />
      {secondFactor && <CodeField />}
    </>
  )
}

/** The proof as the API takes it. */
export function proofIn({ password, code }: Values): { readonly password?: string; readonly code?: string } {
  return { ...(password === undefined ? {} : { password }), ...(code === undefined ? {} : { code }) }
}

/** Puts a refusal of a proof beside its field. */
export function proofIssue({ code, message }: ApiError): Readonly<Record<string, string>> | undefined {
  if (code === 'CREDENTIALS_REFUSED') return { password: 'The password is wrong' }
  return code === 'SECOND_FACTOR_REFUSED' ? { code: message } : undefined
}
