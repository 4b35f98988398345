import { api } from '../../api/api.ts'
import { explain } from '../../api/problem.ts'
import { useLoad } from '../../api/use-load.ts'
import { Count, Time } from '../../components/amounts.tsx'
import { Button } from '../../components/button.tsx'
import { PageHeader } from '../../components/card.tsx'
import { Notice, Tag } from '../../components/notice.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { Table } from '../../components/table.tsx'
import type { Health } from '../answers.ts'
import { Facts, Id, inBytes } from '../parts.tsx'

/** How the house is, in numbers. */
export function Page() {
  const { data, error, loading, reload } = useLoad('health', (signal) =>
    api.get<Health>('/api/admin/health', { signal }),
  )
  return (
    <div class="page">
      <PageHeader
        title="Health"
        actions={
          <Button pending={loading} onClick={reload}>
            Look again
          </Button>
        }
      />
      {error !== undefined && <Notice kind="error">{explain(error)}</Notice>}
      {data === undefined && error === undefined && <Skeleton lines={8} />}
      {data !== undefined && <Told health={data} />}
    </div>
  )
}

function Told({ health }: { readonly health: Health }) {
  const { database, keyVersions, instances, configured, lastCheckpoint } = health
  return (
    <div class="stack admin-health">
      <Facts
        facts={[
          ['Version', health.version],
          ['Database', inBytes(database.bytes)],
          ['Write-ahead log', bytesOrElse(database.walBytes)],
          ['Free on the disk', bytesOrElse(database.diskFreeBytes)],
          ['Waiting to be written', <Count key="waiting" of={database.waiting} />],
          ['Runs under way', <Count key="runs" of={health.runsUnderWay} />],
          ['Last checkpoint', lastCheckpoint === null ? 'none yet' : <Time key="checkpoint" at={lastCheckpoint.ts} />],
          ['Mail', configured.mail ? 'on' : 'off'],
          ['Payments', configured.payments ? 'on' : 'off'],
        ]}
      />
      <h2>Master key</h2>
      <Table
        caption="Versions of the master key"
        rows={keyVersions}
        keyOf={({ version }) => String(version)}
        columns={[
          { title: 'Version', cell: ({ version }) => version },
          { title: 'State', cell: ({ state }) => <KeyState state={state} /> },
          { title: 'Sealed values', numeric: true, cell: ({ values }) => <Count of={values} /> },
        ]}
      />
      <h2>Processes</h2>
      <Table
        caption="Processes that live"
        rows={instances}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Id', cell: ({ id }) => <Id>{id}</Id> },
          { title: 'Host', cell: ({ host }) => host },
          { title: 'Process', numeric: true, cell: ({ pid }) => pid },
        ]}
      />
      <h2>Settings of the database</h2>
      {database.settings === null ? (
        <Notice kind="warning">The writing connection is busy and did not answer. Look again.</Notice>
      ) : (
        <Facts facts={Object.entries(database.settings).map(([name, value]) => [name, String(value)] as const)} />
      )}
    </div>
  )
}

/** What the database keeps on another host is told there. */
const bytesOrElse = (bytes: number | null): string => (bytes === null ? 'on the database’s host' : inBytes(bytes))

function KeyState({ state }: Pick<Health['keyVersions'][number], 'state'>) {
  if (state === 'current') return <Tag kind="success">In use</Tag>
  return state === 'previous' ? <Tag>Before</Tag> : <Tag kind="danger">Nobody holds it</Tag>
}
