import { useLocation } from 'preact-iso/router'
import { api, withQuery } from '../../api/api.ts'
import { PageHeader } from '../../components/card.tsx'
import { EmptyState } from '../../components/notice.tsx'
import type { AuditEntry } from '../answers.ts'
import { AuditTable } from '../audit-entries.tsx'
import { type AuditFilter, AuditFilterForm } from '../audit-filter.tsx'
import { Paged } from '../paged.tsx'
import { usePages } from '../use-pages.ts'
import { VerifyLog } from '../verify-log.tsx'

interface Answer {
  readonly entries: readonly AuditEntry[]
  readonly nextCursor: number | null
}

/** The audit log of all. The filter stands in the address: it holds ids and words of fixed sets. */
export function Page() {
  const { query, route } = useLocation()
  const { actor = '', subject = '', action = '', target = '', from = '', to = '' } = query
  const filter: AuditFilter = { actor, subject, action, target, from, to }
  const pages = usePages<AuditEntry>(JSON.stringify(filter), async (cursor, signal) => {
    const asked = { ...filter, from: timeOf(from), to: timeOf(to), cursor, limit: 25 }
    const { entries: rows, nextCursor } = await api.get<Answer>(withQuery('/api/admin/audit', asked), { signal })
    return { rows, nextCursor }
  })
  return (
    <div class="page">
      <PageHeader title="Audit log" lead="Ids and words of fixed sets, chained by keyed hashes." />
      <VerifyLog />
      <AuditFilterForm filter={filter} onSearch={(next) => route(withQuery('/admin/audit', { ...next }), true)} />
      <Paged
        pages={pages}
        empty={<EmptyState title="No such entry">Ids and actions are found when they are whole.</EmptyState>}
      >
        {(rows) => <AuditTable entries={rows} />}
      </Paged>
    </div>
  )
}

/** Milliseconds UTC of a local time; undefined for none. */
function timeOf(local: string): number | undefined {
  const time = new Date(local).getTime()
  return Number.isNaN(time) ? undefined : time
}
