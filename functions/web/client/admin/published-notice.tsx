import { incidentStateNames } from '../../status/words.ts'
import { Time } from '../components/amounts.tsx'
import type { Incident } from './incident.ts'

/** One notice as it was published. */
export function PublishedNotice({ of: { state, at, text } }: { readonly of: Incident['updates'][number] }) {
  return (
    <>
      <p class="facts-line">
        <strong>{incidentStateNames[state]}</strong>, <Time at={at} />
      </p>
      <p class="notice-text">{text}</p>
    </>
  )
}
