import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { describeVerdict } from '../../../core/audit/describe-verdict.ts'
import { type Config, ConfigError } from '../../../core/config.ts'
import { createPlatform } from '../../../core/platform.ts'
import {
  type Inspected,
  inspectMove,
  type Moved,
  type MoveOrder,
  type MoveWatch,
  moveToPostgres,
} from '../../../core/store/migrate-to-postgres/move-to-postgres.ts'
import { isMoved } from '../../../core/store/sqlite/moved-mark.ts'
import { databaseName } from '../../../core/store/sqlite/open-sqlite.ts'
import { answering, type Outcome } from '../answering.ts'
import { describeDuration } from '../duration.ts'
import { type Progress, showProgress } from '../progress.ts'
import { readConfig } from '../with-platform.ts'

interface Options {
  readonly to?: string
  readonly dryRun?: true
}

/** `oort migrate --to postgres://…`: moves the SQLite database to PostgreSQL. */
export function migrate(): Command {
  const command = new Command('migrate')
    .summary('move the database to PostgreSQL')
    .description(
      `Copies the SQLite database of OORT_DATA_DIR into an empty PostgreSQL database, compares every row, verifies the audit
log there, and marks the folder, so that nothing starts on it any more. Oort has to be stopped. Broken off, Oort goes on
as before, and this goes on where it was when it is run again. The folder is needed still: it keeps the checkpoints of
the audit log and what was deleted.`,
    )
    .option('--to <url>', 'postgres://…, by the owner of its schema; DATABASE_URL unless given', address)
    .option('--dry-run', 'look whether it can be done, beside a running Oort, and change nothing')
  return answering<[], Options>(command, async (_args, { to, dryRun }) => {
    const config = readConfig()
    const order = orderOf(config, to)
    if (dryRun === true) return describeInspected(await watched((watch) => inspectMove(order, watch)))
    const began = performance.now()
    await settle(config)
    const moved = await watched((watch) => moveToPostgres(order, watch))
    return describeMoved(moved, performance.now() - began)
  })
}

function address(text: string): string {
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError('Use an address such as postgres://user:password@host/database.')
  }
  return text
}

function orderOf({ dataDir, databaseUrl, secrets }: Config, given: string | undefined): MoveOrder {
  const to = given ?? databaseUrl
  if (to === undefined) throw new ConfigError('DATABASE_URL: say where to, by it or by --to')
  if (!existsSync(join(dataDir, databaseName)))
    throw new ConfigError(`OORT_DATA_DIR: there is no database in ${dataDir}`)
  return { dataDir, to, secrets: { current: secrets.byokMasterKey, previous: secrets.byokMasterKeyPrevious } }
}

/** As a start and an orderly end of Oort leave it: the schema of this version, deletions noted, the log witnessed. */
async function settle(config: Config): Promise<void> {
  if (isMoved(config.dataDir)) return
  const platform = await createPlatform({ ...config, databaseUrl: undefined }, { logTo: process.stderr })
  await platform.close()
}

async function watched<T>(work: (watch: MoveWatch) => Promise<T>): Promise<T> {
  let progress: Progress | undefined
  try {
    return await work({
      begin(doing, rows) {
        progress?.end()
        progress = showProgress(`rows ${doing}`, rows)
      },
      add: (rows) => progress?.add(rows),
    })
  } finally {
    progress?.end()
  }
}

function describeInspected(inspected: Inspected): Outcome {
  const { place, tables, living } = inspected
  const ready = living.length === 0
  const lines = [
    `${ready ? 'READY' : 'NOT YET'}  ${countOf(tables)} rows in ${tables.length} tables can go to ${place}; nothing was changed`,
    ...tables.filter(({ rows }) => rows > 0).map(({ table, rows }) => `${table.padEnd(20)} ${rows}`),
    ...living.map(({ host, pid }) => `To be stopped first: process ${pid} on ${host}`),
  ]
  return { data: { dryRun: true, ready, ...inspected, rows: countOf(tables) }, text: lines.join('\n'), ok: ready }
}

const beginnings = {
  fresh: 'from the start',
  resumed: 'went on where an earlier attempt had come to',
  renewed: 'anew but for the audit log: the database was written to since an earlier attempt',
} as const

function describeMoved(moved: Moved, tookMs: number): Outcome {
  const { place, beginning, tables, copied, chain } = moved
  const text = [
    `MOVED  to ${place}`,
    `Rows       ${countOf(tables)} in ${tables.length} tables, each compared; ${copied} copied now`,
    `Copied     ${beginnings[beginning]}`,
    `Audit log  intact, ${describeVerdict(chain)}`,
    `Took       ${describeDuration(tookMs)}`,
    'Set DATABASE_URL, keep OORT_DATA_DIR, and start Oort. It does not start on the old database any more.',
  ].join('\n')
  return { data: { dryRun: false, ...moved, rows: countOf(tables), tookMs: Math.round(tookMs) }, text }
}

function countOf(tables: readonly { readonly rows: number }[]): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0)
}
