import { randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from '../../infra/bundling/build.ts'
import { onServer } from '../support/database.ts'
import { median } from '../support/median.ts'
import { startPostgres } from '../support/postgres-cluster.ts'
import type { Contender, Scenario } from './gateway/contender.ts'
import { cpuSeconds } from './gateway/cpu-time.ts'
import { openAccount, startOortBundle } from './gateway/oort.ts'
import { startProvider } from './gateway/provider.ts'
import { record } from './gateway/record.ts'
import { load } from './gateway/wrk.ts'

/**
 * What runs cost where several instances of Oort share one PostgreSQL, beside one instance on SQLite: runs a second, and
 * the CPU time of Oort and of the database for each. All share this machine, so more instances do not add up here;
 * what each run costs is what infra/scale.md reckons with. `node tests/bench/instances.ts [rounds] [seconds]`
 */
const rounds = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 6)
const callers = 8
const connectionsOfEach = 2

/** What is asked of a database server: its processes, and how often it was told to commit and to roll back. */
interface Server {
  readonly pid: number
  ended(): Promise<Ended>
}

interface Measured {
  readonly runsPerSecond: number
  readonly p50: number
  readonly p99: number
  /** Milliseconds of CPU for each run. */
  readonly oort: number
  readonly database: number
  /** Of a hundred transactions, those that met another and were run again. */
  readonly again: number
}

await build()
const provider = await startProvider()
const question = { model: 'gpt-5.4', messages: [{ role: 'user', content: 'What is the Oort cloud? '.repeat(4) }] }
const scenario: Scenario = { name: 'JSON', body: JSON.stringify(question), provider: provider.json }

async function measure(instances: readonly Contender[], server?: Server): Promise<Measured> {
  const accounts = await Promise.all(
    Array.from({ length: callers }, async (_, at) => {
      const instance = instances[at % instances.length] as Contender
      return {
        ...instance,
        headers: await openAccount(instance.origin),
      }
    }),
  )
  const found: Measured[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const oort = instances.map(({ pid }) => pid ?? 0)
    const clocks = () => Promise.all([...oort, ...(server === undefined ? [] : [server.pid])].map(cpuSeconds))
    const [before, ended] = [await clocks(), await server?.ended()]
    const figures = await Promise.all(
      accounts.map((caller) => load(caller, scenario, { concurrency: connectionsOfEach, seconds })),
    )
    const [after, endedThen] = [await clocks(), await server?.ended()]
    // The first round warms up, and does not count.
    if (round === 0) continue
    const runs = figures.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond * seconds, 0)
    const spent = after.map((value, at) => ((value - (before[at] ?? 0)) / runs) * 1_000)
    found.push({
      runsPerSecond: runs / seconds,
      p50: median(figures.map(({ p50 }) => p50)),
      p99: Math.max(...figures.map(({ p99 }) => p99)),
      oort: spent.slice(0, oort.length).reduce((sum, value) => sum + value, 0),
      database: spent[oort.length] ?? 0,
      again: sharePercent(ended, endedThen),
    })
  }
  const middle = (of: keyof Measured) => median(found.map((each) => each[of]))
  return {
    runsPerSecond: middle('runsPerSecond'),
    p50: middle('p50'),
    p99: middle('p99'),
    oort: middle('oort'),
    database: middle('database'),
    again: middle('again'),
  }
}

type Ended = readonly [committed: number, rolledBack: number]

/** Statistics reach the server's own memory a second after the last transaction. */
async function endedIn(url: string): Promise<Ended> {
  await sleep(1_500)
  const ask =
    'SELECT xact_commit::int AS c, xact_rollback::int AS r FROM pg_stat_database WHERE datname = current_database()'
  const { rows: found } = await onServer(url, (client) => client.query<{ c: number; r: number }>(ask))
  return [found[0]?.c ?? 0, found[0]?.r ?? 0]
}

function sharePercent(before: Ended = [0, 0], after: Ended = [0, 0]): number {
  const [committed, rolledBack] = [after[0] - before[0], after[1] - before[1]]
  return committed === 0 ? 0 : (rolledBack / (committed + rolledBack)) * 100
}

const rows: string[] = []
const note = (name: string, { runsPerSecond, p50, p99, oort, database, again }: Measured) => {
  const cells = [
    runsPerSecond.toFixed(0),
    p50.toFixed(1),
    p99.toFixed(1),
    oort.toFixed(2),
    database.toFixed(2),
    again.toFixed(1),
  ]
  rows.push(`| ${name} | ${cells.join(' | ')} |`)
  process.stdout.write(`${rows.at(-1)}\n`)
}

const alone = await startOortBundle(scenario.provider)
note('SQLite, 1 instance', await measure([alone]))
await alone.stop()
for (const count of [1, 2, 4]) {
  const cluster = await startPostgres()
  const secrets = {
    BYOK_MASTER_KEY: randomBytes(32).toString('base64'),
    SESSION_SECRET: randomBytes(32).toString('base64'),
  }
  const url = await cluster.createDatabase()
  const env = { ...secrets, DATABASE_URL: url }
  const instances: Contender[] = []
  // The first brings the schema.
  for (let at = 0; at < count; at += 1) instances.push(await startOortBundle(scenario.provider, env))
  note(
    `PostgreSQL, ${count} instance${count === 1 ? '' : 's'}`,
    await measure(instances, { pid: cluster.pid, ended: () => endedIn(url) }),
  )
  await Promise.all(instances.map((instance) => instance.stop()))
  await cluster.stop()
}
await provider.stop()
await record(
  'instances',
  [
    '# Benchmark: several instances on one PostgreSQL',
    '',
    `Runs by the API (JSON, concurrency ${callers * connectionsOfEach}, ${callers} accounts), medians of ${rounds} rounds of ${seconds} s; ${cpus().length} cores`,
    `(${cpus()[0]?.model ?? 'unknown'}), which wrk, the provider, PostgreSQL and all instances share: what is added up here`,
    'is limited by the machine, not by the number of instances. CPU is what the kernel counted, for each run.',
    '`npm run bench instances` writes this part.',
    '',
    '| | runs/s | p50 ms | p99 ms | CPU of Oort, ms | CPU of PostgreSQL, ms | run again, % |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
    '',
  ].join('\n'),
)
