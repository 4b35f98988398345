import { componentNames, incidentStateNames } from '../../status/words.ts'
import { Time } from '../components/amounts.tsx'
import { Button } from '../components/button.tsx'
import { Tag } from '../components/notice.tsx'
import { inWords } from './commitments.tsx'
import type { Commitment, Incident } from './incident.ts'
import { PublishedNotice } from './published-notice.tsx'

/** An incident with what is owed about it; what is late says so. */
export function IncidentCard({
  incident,
  commitments,
  onUpdate,
}: {
  readonly incident: Incident
  readonly commitments: readonly Commitment[]
  onUpdate(): void
}) {
  const { id, title, severity, state, components, startedAt, updates, overdue, postMortemUrl } = incident
  const names: Readonly<Record<string, string>> = componentNames
  return (
    <article class="incident" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <span class="tags">
          {overdue.length > 0 && <Tag kind="danger">Overdue</Tag>}
          <Tag kind={state === 'resolved' ? 'neutral' : 'warning'}>{incidentStateNames[state]}</Tag>
          <Tag>{severity}</Tag>
        </span>
      </header>
      <p class="facts-line">
        {components.map((name) => names[name] ?? name).join(', ')}, began <Time at={startedAt} />.{' '}
        {inWords(commitments, severity)}
      </p>
      <Owed incident={incident} />
      {postMortemUrl !== null && (
        <p>
          <a href={postMortemUrl} rel="noreferrer">
            The post-mortem
          </a>
        </p>
      )}
      <ol class="updates">
        {updates.map((notice) => (
          <li key={notice.id}>
            <PublishedNotice of={notice} />
          </li>
        ))}
      </ol>
      <div class="actions">
        <Button onClick={onUpdate}>{state === 'resolved' ? 'Add to it' : 'Update or close'}</Button>
        <a href={`/status#${id}`}>As everybody sees it</a>
      </div>
    </article>
  )
}

function Owed({ incident: { nextUpdateDueAt, postMortemDueAt, overdue } }: { readonly incident: Incident }) {
  if (nextUpdateDueAt === null && postMortemDueAt === null) return null
  return (
    <ul class="owed">
      {nextUpdateDueAt !== null && (
        <li>
          Next notice due <Time at={nextUpdateDueAt} /> {overdue.includes('update') && <Tag kind="danger">Late</Tag>}
        </li>
      )}
      {postMortemDueAt !== null && (
        <li>
          Post-mortem due <Time at={postMortemDueAt} />{' '}
          {overdue.includes('post_mortem') && <Tag kind="danger">Late</Tag>}
        </li>
      )}
    </ul>
  )
}
