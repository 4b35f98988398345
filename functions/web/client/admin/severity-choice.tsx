import { useState } from 'preact/hooks'
import { Field } from '../components/field.tsx'
import { inWords, severities, useCommitments } from './commitments.tsx'
import type { Severity } from './incident.ts'

/** How bad it is, with what that commits us to. */
export function SeverityChoice({ value = 'SEV3' }: { readonly value?: Severity }) {
  const commitments = useCommitments()
  const [chosen, choose] = useState<Severity>(value)
  return (
    <Field
      name="severity"
      label="Severity"
      hint={inWords(commitments, chosen)}
      control={(attributes) => (
        <select {...attributes} onChange={({ currentTarget }) => choose(currentTarget.value as Severity)}>
          {severities.map(([each, text]) => (
            <option key={each} value={each} selected={each === value}>
              {text}
            </option>
          ))}
        </select>
      )}
    />
  )
}
