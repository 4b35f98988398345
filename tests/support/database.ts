import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { postgresPrograms } from './postgres-cluster.ts'

/**
 * Where the suite runs on PostgreSQL, the address of its server, by a user that may make databases and roles; see
 * tests/postgres.
 */
const server = process.env['OORT_TESTS_POSTGRES']

/** Whether the suite runs on PostgreSQL. */
export const onPostgres = server !== undefined

/** What the pages say of the bytes of what was deleted. */
export const ofBytes = onPostgres ? 'may still lie' : 'are gone'

/** The database from which those of tests are copied: migrated, and empty. */
export const templateName = 'oort_template'

/**
 * What an Oort with this data folder needs in its environment: nothing where SQLite keeps its file in the folder, and
 * otherwise the address of the one database that belongs to the folder. Waits for nothing, for whoever starts a process
 * and cannot wait before.
 */
export function databaseIn(dataDir: string): { readonly DATABASE_URL?: string } {
  if (server === undefined) return {}
  const name = nameFor(dataDir)
  const unlessThere = `SELECT 'CREATE DATABASE ${name} TEMPLATE ${templateName}'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \\gexec`
  execFileSync(join(postgresPrograms ?? '', 'psql'), [server, '-Xq', '--set=ON_ERROR_STOP=1'], { input: unlessThere })
  return { DATABASE_URL: at(server, name) }
}

const nameFor = (dataDir: string) => `oort_${createHash('sha256').update(dataDir).digest('hex').slice(0, 24)}`

/** The address of another database of the same server. */
export function at(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = database
  // Nobody else is on the way, which production asks to be told.
  other.searchParams.set('sslmode', 'disable')
  return other.href
}

export async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
