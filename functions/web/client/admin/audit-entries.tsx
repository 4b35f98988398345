import { Time } from '../components/amounts.tsx'
import { Table } from '../components/table.tsx'
import type { AuditEntry } from './answers.ts'
import { Id } from './parts.tsx'

const actors = { user: 'User', api_key: 'API key', admin: 'Administrator', system: 'Oort' } as const

/** Entries of the audit log, newest first: who did what to what, in ids and words of fixed sets. */
export function AuditTable({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <Table
      caption="Entries of the audit log"
      rows={entries}
      keyOf={({ position }) => String(position)}
      columns={[
        { title: 'When', cell: ({ ts }) => <Time at={ts} /> },
        {
          title: 'What',
          cell: ({ action, detail }) => (
            <div>
              <strong>{action}</strong>
              <Detail detail={detail} />
            </div>
          ),
        },
        {
          title: 'Who',
          cell: ({ actorKind, actorId }) => (
            <div>
              {actors[actorKind]} <Id>{actorId}</Id>
            </div>
          ),
        },
        { title: 'To what', cell: ({ targetId }) => <Id>{targetId}</Id> },
        {
          title: 'Chain',
          cell: ({ subjectId, seq }) => (
            <div>
              <Id>{subjectId}</Id> <span class="number">{seq}</span>
            </div>
          ),
        },
      ]}
    />
  )
}

function Detail({ detail }: Pick<AuditEntry, 'detail'>) {
  const told = Object.entries(detail).filter(([name]) => name !== 'type')
  return told.length === 0 ? null : (
    <span class="detail"> {told.map(([name, value]) => `${name}: ${String(value)}`).join(', ')}</span>
  )
}
