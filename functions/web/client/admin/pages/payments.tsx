import { useState } from 'preact/hooks'
import { api, withQuery } from '../../api/api.ts'
import { Time } from '../../components/amounts.tsx'
import { Button } from '../../components/button.tsx'
import { PageHeader } from '../../components/card.tsx'
import { EmptyState } from '../../components/notice.tsx'
import { Table } from '../../components/table.tsx'
import type { ParkedEvent } from '../answers.ts'
import { Paged } from '../paged.tsx'
import { Id } from '../parts.tsx'
import { ReplayDialog } from '../replay-dialog.tsx'
import { usePages } from '../use-pages.ts'

interface Answer {
  readonly events: readonly ParkedEvent[]
  readonly nextCursor: string | null
}

const reasons = { unknown_customer: 'Nobody is its customer', unreadable: 'Could not be read' } as const

/** Payment events that wait for somebody to say whose they are. */
export function Page() {
  const [chosen, choose] = useState<ParkedEvent>()
  const pages = usePages<ParkedEvent>('parked', async (cursor, signal) => {
    const path = withQuery('/api/admin/payments/parked', { cursor })
    const { events: rows, nextCursor } = await api.get<Answer>(path, { signal })
    return { rows, nextCursor }
  })
  return (
    <div class="page">
      <PageHeader title="Payment inbox" lead="What they hold stays sealed. After 90 days they are dropped." />
      <Paged
        pages={pages}
        empty={<EmptyState title="Nothing waits">Every payment event has found its customer.</EmptyState>}
      >
        {(rows) => <ParkedTable events={rows} onReplay={choose} />}
      </Paged>
      <ReplayDialog
        event={chosen}
        onClose={() => choose(undefined)}
        onReplayed={() => {
          choose(undefined)
          pages.reload()
        }}
      />
    </div>
  )
}

function ParkedTable({
  events,
  onReplay,
}: {
  readonly events: readonly ParkedEvent[]
  onReplay(event: ParkedEvent): void
}) {
  return (
    <Table
      caption="Payment events that wait for review"
      rows={events}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Happened', cell: ({ occurredAt }) => <Time at={occurredAt} /> },
        { title: 'Event', cell: ({ type }) => type },
        { title: 'Why', cell: ({ reason }) => reasons[reason] },
        { title: 'Customer', cell: ({ customerId }) => (customerId === null ? 'none' : <Id>{customerId}</Id>) },
        { title: 'At Stripe', cell: ({ stripeId }) => <Id>{stripeId}</Id> },
        { title: 'Act', cell: (event) => <Button onClick={() => onReplay(event)}>Replay</Button> },
      ]}
    />
  )
}
