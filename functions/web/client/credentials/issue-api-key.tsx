import { useState } from 'preact/hooks'
import type { TokenScope } from '../../../../core/session/token-scopes.ts'
import { api } from '../api/api.ts'
import { Dialog } from '../components/dialog.tsx'
import { Field } from '../components/field.tsx'
import { Form } from '../components/form.tsx'
import { type IssuedApiKey, scopeWords } from './api-key.ts'

/** What the official clients need, and no more. */
const usual: readonly TokenScope[] = ['runs:create', 'models:read']

const lifetimes = [
  [30, 'for 30 days'],
  [90, 'for 90 days'],
  [365, 'for a year'],
  [0, 'until it is revoked'],
] as const

/** Issues an API key for a program, with a name, an end and what it may do. */
export function IssueApiKey({
  open,
  onIssued,
  onClose,
}: {
  readonly open: boolean
  onIssued(key: IssuedApiKey): void
  onClose(): void
}) {
  return (
    <Dialog open={open} title="Issue an API key" onClose={onClose}>
      <IssueForm onIssued={onIssued} />
    </Dialog>
  )
}

function IssueForm({ onIssued }: { onIssued(key: IssuedApiKey): void }) {
  const [scopes, setScopes] = useState(usual)

  const issue = async ({ name, lifetime }: Readonly<Record<string, string>>) => {
    const expiresInDays = Number(lifetime)
    const end = expiresInDays === 0 ? {} : { expiresInDays }
    onIssued(await api.post<IssuedApiKey>('/api/api-keys', { name, scopes, ...end }))
  }

  return (
    <Form submit="Issue the key" onSubmit={issue}>
      <Field
        name="name"
        label="Name"
        required
        maxLength={80}
        autoComplete="off"
        hint="The program that it is for, such as “Nightly report”."
      />
      <fieldset class="checks">
        <legend>It may</legend>
        {(Object.keys(scopeWords) as TokenScope[]).map((scope) => (
          <label key={scope} class="check">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={({ currentTarget: { checked } }) =>
                setScopes(checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))
              }
            />
            {scopeWords[scope]}
          </label>
        ))}
        {scopes.length === 0 && <p class="field-error">Choose at least one.</p>}
      </fieldset>
      <Field
        name="lifetime"
        label="It is valid"
        control={(attributes) => (
          <select {...attributes}>
            {lifetimes.map(([days, text]) => (
              <option key={days} value={days} selected={days === 90}>
                {text}
              </option>
            ))}
          </select>
        )}
      />
    </Form>
  )
}
