import SqliteDatabase from 'better-sqlite3'
import { sql } from 'drizzle-orm'
import { insideOf, type Platform } from '../../core/platform.ts'
import { asSqlite } from '../../core/store/sqlite/open-sqlite.ts'
import { onServer } from './database.ts'

type Event = `${'INSERT' | 'UPDATE'} ON ${string}`

/** Makes the database refuse a kind of change of one table while `work` is done. */
export function refusing<T>(platform: Platform, change: Event, work: () => Promise<T>): Promise<T> {
  const refusal = isSqlite(platform) ? "SELECT raise(ABORT, 'refused')" : "RAISE EXCEPTION 'refused'"
  return withTrigger(platform, `BEFORE ${change}`, refusal, work)
}

/** Makes the database do something of its own at each change of a table while `work` is done. */
export async function withTrigger<T>(
  platform: Platform,
  event: `${'BEFORE' | 'AFTER'} ${Event}`,
  action: string,
  work: () => Promise<T>,
): Promise<T> {
  const [create, drop] = isSqlite(platform)
    ? [`CREATE TRIGGER of_a_test ${event} BEGIN ${action}; END`, 'DROP TRIGGER of_a_test']
    : [
        `CREATE FUNCTION of_a_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${action}; RETURN NEW; END $$;
         CREATE TRIGGER of_a_test ${event} FOR EACH ROW EXECUTE FUNCTION of_a_test()`,
        'DROP FUNCTION of_a_test CASCADE',
      ]
  await behindTheStore(platform, create)
  try {
    return await work()
  } finally {
    await behindTheStore(platform, drop)
  }
}

/** Takes a table away while `work` is done: the database then answers nothing that is asked of it. */
export async function withoutTable<T>(platform: Platform, table: string, work: () => Promise<T>): Promise<T> {
  await behindTheStore(platform, `ALTER TABLE ${table} RENAME TO taken_away`)
  try {
    return await work()
  } finally {
    await behindTheStore(platform, `ALTER TABLE taken_away RENAME TO ${table}`)
  }
}

/** Lets everything that is to be written wait while `work` is done: whatever tells the log of it comes to a stand there. */
export async function whileNothingIsWritten<T>(platform: Platform, work: () => Promise<T>): Promise<T> {
  const { databaseUrl } = platform.config
  if (databaseUrl !== undefined) {
    return onServer(databaseUrl, async (client) => {
      await client.query('BEGIN; LOCK TABLE audit_heads IN EXCLUSIVE MODE')
      try {
        return await work()
      } finally {
        await client.query('ROLLBACK')
      }
    })
  }
  const held = Promise.withResolvers<void>()
  const holding = insideOf(platform).store.write(() => held.promise)
  try {
    return await work()
  } finally {
    held.resolve()
    await holding
  }
}

/** Changes audit entries, as the owner of the database can who takes away what guards them, and puts it back. */
export async function tamper(platform: Platform, statement: string): Promise<void> {
  if (!isSqlite(platform)) {
    const guards = (verb: string) => `ALTER TABLE audit_events ${verb} TRIGGER USER;`
    return behindTheStore(platform, `${guards('DISABLE')} ${statement}; ${guards('ENABLE')}`)
  }
  const guards = await insideOf(platform).store.read.all<{ readonly name: string; readonly text: string }>(
    sql`SELECT name, sql AS text FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_events'`,
  )
  const disarm = guards.map(({ name }) => `DROP TRIGGER ${name};`).join('')
  await behindTheStore(platform, `${disarm} ${statement}; ${guards.map(({ text }) => `${text};`).join('')}`)
}

const isSqlite = ({ config }: Platform) => config.databaseUrl === undefined

/** On a connection of the owner of the database, who may do what the store may not. */
async function behindTheStore(platform: Platform, statements: string): Promise<void> {
  const { databaseUrl } = platform.config
  if (databaseUrl !== undefined) {
    await onServer(databaseUrl, (client) => client.query(statements))
    return
  }
  const connection = new SqliteDatabase(asSqlite(insideOf(platform).store).file)
  try {
    connection.exec(statements)
  } finally {
    connection.close()
  }
}
