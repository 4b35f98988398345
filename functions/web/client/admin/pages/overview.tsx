import { api } from '../../api/api.ts'
import { explain } from '../../api/problem.ts'
import { type Loaded, useLoad } from '../../api/use-load.ts'
import { PageHeader } from '../../components/card.tsx'
import { Notice } from '../../components/notice.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import type { Health, ParkedEvent } from '../answers.ts'
import type { Incident } from '../incident.ts'
import { inBytes } from '../parts.tsx'

/** What needs somebody, and the way to it. */
export function Page() {
  const incidents = useLoad('incidents', (signal) =>
    api.get<{ readonly incidents: readonly Incident[] }>('/api/admin/incidents?limit=100', { signal }),
  )
  const parked = useLoad('parked', (signal) =>
    api.get<{ readonly events: readonly ParkedEvent[] }>('/api/admin/payments/parked?limit=100', { signal }),
  )
  const health = useLoad('health', (signal) => api.get<Health>('/api/admin/health', { signal }))
  return (
    <div class="page">
      <PageHeader
        title="Administration"
        lead="Ids, counts and words of fixed sets: nothing here shows what a user wrote."
      />
      <ul class="overview">
        <Card title="Incidents" path="/admin/incidents" loaded={incidents}>
          {({ incidents: all }) => incidentsInWords(all)}
        </Card>
        <Card title="Payment inbox" path="/admin/payments" loaded={parked}>
          {({ events }) => {
            if (events.length === 0) return ['Nothing waits', 'Every event has found its customer.']
            return [`${events.length === 100 ? '100 or more' : events.length} wait`, 'Events whose customer nobody is.']
          }}
        </Card>
        <Card title="Health" path="/admin/health" loaded={health}>
          {({ version, database, runsUnderWay, instances }) => [
            `${inBytes(database.bytes + (database.walBytes ?? 0))} in the database`,
            `${database.diskFreeBytes === null ? '' : `${inBytes(database.diskFreeBytes)} free. `}Version ${version}, ${instances.length} running, ${runsUnderWay} runs under way.`,
          ]}
        </Card>
        <li class="overview-card">
          <h2>
            <a href="/admin/users">Accounts</a>
          </h2>
          <p class="lead">Find one by its id or its whole address.</p>
        </li>
        <li class="overview-card">
          <h2>
            <a href="/admin/audit">Audit log</a>
          </h2>
          <p class="lead">Who did what, and whether all of it is as it was written.</p>
        </li>
      </ul>
    </div>
  )
}

function incidentsInWords(all: readonly Incident[]): readonly [string, string] {
  const open = all.filter(({ state }) => state !== 'resolved').length
  const late = all.filter(({ overdue }) => overdue.length > 0).length
  return [
    open === 0 ? 'None is open' : `${open} open`,
    late === 0 ? 'Nothing that we committed to is late.' : `${late} with something overdue.`,
  ]
}

function Card<T>({
  title,
  path,
  loaded: { data, error },
  children,
}: {
  readonly title: string
  readonly path: string
  readonly loaded: Loaded<T>
  /** The figure, and a sentence beside it. */
  children(data: T): readonly [string, string]
}) {
  const [figure, sentence] = data === undefined ? [] : children(data)
  return (
    <li class="overview-card">
      <h2>
        <a href={path}>{title}</a>
      </h2>
      {error !== undefined && <Notice kind="error">{explain(error)}</Notice>}
      {data === undefined && error === undefined && <Skeleton lines={2} />}
      {figure !== undefined && <p class="figure">{figure}</p>}
      {sentence !== undefined && <p class="lead">{sentence}</p>}
    </li>
  )
}
