import { useState } from 'preact/hooks'
import { api, withQuery } from '../../api/api.ts'
import { Button } from '../../components/button.tsx'
import { PageHeader } from '../../components/card.tsx'
import { EmptyState } from '../../components/notice.tsx'
import { useCommitments } from '../commitments.tsx'
import type { Incident } from '../incident.ts'
import { IncidentCard } from '../incident-card.tsx'
import { OpenIncident } from '../open-incident.tsx'
import { Paged } from '../paged.tsx'
import { UpdateIncident } from '../update-incident.tsx'
import { usePages } from '../use-pages.ts'

interface Answer {
  readonly incidents: readonly Incident[]
  readonly nextCursor: string | null
}

/** Incidents of any age: opened, told of and closed here. */
export function Page() {
  const [opening, setOpening] = useState(false)
  const [chosen, choose] = useState<Incident>()
  const commitments = useCommitments()
  const pages = usePages<Incident>('incidents', async (cursor, signal) => {
    const path = withQuery('/api/admin/incidents', { cursor, limit: 20 })
    const { incidents: rows, nextCursor } = await api.get<Answer>(path, { signal })
    return { rows, nextCursor }
  })
  const newest = pages.rows?.find(({ id }) => id === chosen?.id) ?? chosen
  const done = () => {
    setOpening(false)
    choose(undefined)
    pages.reload()
  }
  return (
    <div class="page">
      <PageHeader
        title="Incidents"
        lead="What is published here, everybody reads at once."
        actions={
          <Button kind="primary" onClick={() => setOpening(true)}>
            Open an incident
          </Button>
        }
      />
      <Paged
        pages={pages}
        empty={<EmptyState title="No incident yet">When something fails for people, tell them here.</EmptyState>}
      >
        {(rows) => (
          <div class="stack">
            {rows.map((incident) => (
              <IncidentCard
                key={incident.id}
                incident={incident}
                commitments={commitments}
                onUpdate={() => choose(incident)}
              />
            ))}
          </div>
        )}
      </Paged>
      <OpenIncident open={opening} onClose={() => setOpening(false)} onOpened={done} />
      <UpdateIncident incident={newest} onClose={() => choose(undefined)} onStale={pages.reload} onPublished={done} />
    </div>
  )
}
