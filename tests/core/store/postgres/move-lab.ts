import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { databaseName } from '../../../../core/store/sqlite/open-sqlite.ts'
import { stockedUser } from '../../../functions/export/lab.ts'
import { startOort } from '../../../support/oort.ts'
import { startPostgres } from '../../../support/postgres-cluster.ts'
import { strongSecrets } from '../../../support/process.ts'
import { openHouse } from '../../../support/small-house.ts'
import { fill } from '../rekey-lab.ts'

/** A folder with a SQLite database that nobody has open, and what opens it. */
export interface FullHouse {
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
  /** Of an account that has rows in every table an account can have. Its password is that of tests. */
  readonly email: string
}

export type MoveLab = Awaited<ReturnType<typeof openMoveLab>>

/** A server as it has to be, and folders that go with it. */
export async function openMoveLab() {
  const cluster = await startPostgres()
  const folders: string[] = []
  const folder = async () => {
    const made = await mkdtemp(join(tmpdir(), 'oort-move-'))
    folders.push(made)
    return made
  }
  return {
    folder,
    createDatabase: () => cluster.createDatabase(),
    house: async (runCount = 3) => fullHouse(await folder(), runCount),
    async close() {
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
      await cluster.stop()
    },
  }
}

/** A database with rows in every table, most of them written by what writes them in earnest. */
async function fullHouse(dataDir: string, runCount: number): Promise<FullHouse> {
  // On SQLite, whatever the suite runs on.
  const env = { NODE_ENV: 'test', ...strongSecrets(), OORT_DATA_DIR: dataDir, DATABASE_URL: '' }
  const oort = await startOort({ dataDir, env })
  const { browser } = await stockedUser(oort, 'moved', runCount)
  await oort.close()
  const house = await openHouse({ dataDir, env })
  await fill(house, 1, 3)
  const { userId } = await house.user()
  await house.close()
  behind(dataDir, (database) => addTheRest(database, userId))
  return { dataDir, env, email: browser.email }
}

/** Works on the database behind Oort's back. */
export function behind<T>(dataDir: string, work: (database: SqliteDatabase.Database) => T): T {
  const database = new SqliteDatabase(join(dataDir, databaseName))
  try {
    return work(database)
  } finally {
    database.close()
  }
}

/** Values that a copy could trip over. */
const awkward = ['', 'NULL', '{"a",b}', "it's \\ \\x41 \t\n\r", '\u{1F511} ünïcode \u2028 \u0001', '  ']

function addTheRest(database: SqliteDatabase.Database, userId: string): void {
  const insert = (table: string, row: Readonly<Record<string, unknown>>): void => {
    const names = Object.keys(row)
    database
      .prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map((name) => `@${name}`).join()})`)
      .run(row)
  }
  awkward.forEach((text, at) => {
    const id = `inc_${at}`
    const incident = { severity: 'SEV3', components: '[]', state: 'resolved', started_at: at, created_at: -at }
    insert('incidents', { id, title: text, ...incident })
    insert('incident_updates', { id: `upd_${at}`, incident_id: id, state: 'resolved', text, created_at: at })
    insert('forgotten_customers', { customer_id: `cus_${text}`, created_at: at })
  })
  const probe = { last_state: 'operational', last_probe_at: 2 ** 53 - 1, since: -1 }
  insert('probe_days', { component: 'api', day: '2026-11-24', ...probe })
  for (const hash of [Buffer.alloc(0), Buffer.alloc(1), Buffer.from('\\x00'), randomBytes(32)]) {
    insert('spent_challenges', { hash, expires_at: 1 })
  }
  insert('run_allowances', { user_id: userId, month: '2026-11', runs: 3 })
  insert('run_reservations', { run_id: 'run_1', user_id: userId, month: '2026-11', created_at: 1 })
  const started = { session_id: 'ses_1', state: 'finished', rows_total: 1, progress_at: 1, created_at: 1 }
  insert('exports', { id: 'exp_1', user_id: userId, ...started })
}
