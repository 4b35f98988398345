import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../../../core/ids.ts'
import { MigrationError } from '../../../../core/store/missing-migrations.ts'
import { instances } from '../../../../core/store/schema.ts'
import { migrate } from '../../../../core/store/sqlite/migrate.ts'
import { openSqlite } from '../../../../core/store/sqlite/open-sqlite.ts'
import { applyReaderPragmas, applyWriterPragmas, PragmaError } from '../../../../core/store/sqlite/pragmas.ts'
import { withOneMore } from '../../../support/one-more-migration.ts'

const shipped = fileURLToPath(new URL('../../../../core/store/migrations/sqlite', import.meta.url))
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-open-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

test('processes that start at once on an empty folder end up with one schema and one root', async () => {
  const barrier = join(folder, 'go')
  const program = `
    import { existsSync } from 'node:fs'
    import { openSqlite } from '${new URL('../../../../core/store/sqlite/open-sqlite.ts', import.meta.url)}'
    import { unlockStore } from '${new URL('../../../../core/store/unlock.ts', import.meta.url)}'
    console.error('ready')
    while (!existsSync(${JSON.stringify(barrier)}));
    const store = openSqlite(${JSON.stringify(join(folder, 'data'))})
    const { keyring } = await unlockStore(store, { current: 'one secret for all of these processes' }, 0)
    console.log(keyring.mac('audit', 'the same').toString('hex'))
    await store.close()`
  const children = Array.from({ length: 4 }, () =>
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]),
  )
  await Promise.all(children.map(({ child }) => once(child.stderr ?? child, 'data')))
  writeFileSync(barrier, '')
  const answers = (await Promise.all(children)).map(({ stdout }) => stdout)
  expect(answers[0]).toMatch(/^[0-9a-f]{64}\n$/)
  expect(new Set(answers).size).toBe(1)
})

test('the writer holds every pragma that the promises rest on', async () => {
  const store = openSqlite(folder)
  const read = (name: string) => store.write(async (db) => db.$client.pragma(name, { simple: true }))
  expect(await read('journal_mode')).toBe('wal')
  expect(await read('synchronous')).toBe(2)
  expect(await read('foreign_keys')).toBe(1)
  expect(await read('secure_delete')).toBe(1)
  expect(await read('recursive_triggers')).toBe(1)
  expect(await read('trusted_schema')).toBe(0)
  await store.close()
})

test('nobody but the owner can read the files of the database', async () => {
  const store = openSqlite(folder)
  await store.write(async (db) =>
    db.insert(instances).values({ id: newId('instance'), host: 'here', pid: 1, startedAt: 0, heartbeatAt: 0 }),
  )
  for (const file of ['oort.db', 'oort.db-wal', 'oort.db-shm']) {
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
  }
  await store.close()
})

test('the sizes are those of its files, and the settings those that it writes with', async () => {
  const store = openSqlite(folder)
  const { settings, diskFreeBytes, ...sizes } = await store.measure()
  expect(sizes).toEqual({
    engine: 'sqlite',
    bytes: statSync(store.file).size,
    walBytes: statSync(`${store.file}-wal`).size,
  })
  expect(diskFreeBytes).toBeGreaterThan(0)
  expect(settings).toMatchObject({ journal_mode: 'wal', synchronous: 2, foreign_keys: 1, secure_delete: 1 })
  await store.close()
})

test('files that others could read are closed to them', async () => {
  const store = openSqlite(folder)
  await store.close()
  chmodSync(store.file, 0o644)
  await openSqlite(folder).close()
  expect(statSync(store.file).mode & 0o777).toBe(0o600)
})

describe('a database that cannot be what Oort needs stops the start', () => {
  test('when it can have no write-ahead log', () => {
    const memory = new SqliteDatabase(':memory:')
    expect(() => applyWriterPragmas(memory)).toThrow(PragmaError)
    memory.close()
  })

  test('when the reading side could write', () => {
    const file = join(folder, 'rollback.db')
    const rollback = new SqliteDatabase(file)
    rollback.exec('CREATE TABLE t (a)')
    expect(() => applyReaderPragmas(rollback)).toThrow(/journal_mode/)
    rollback.close()
  })

  test('when a newer version of Oort made it', async () => {
    const store = openSqlite(folder)
    await store.write(async (db) => {
      db.$client.exec("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('of the future', 9999999999999)")
    })
    await store.close()
    expect(() => openSqlite(folder)).toThrow(MigrationError)
  })

  test('when a migration is not the one that was applied', async () => {
    const store = openSqlite(folder)
    await store.write(async (db) => {
      db.$client.exec(
        "UPDATE __drizzle_migrations SET hash = 'changed' WHERE created_at = (SELECT min(created_at) FROM __drizzle_migrations)",
      )
    })
    await store.close()
    expect(() => openSqlite(folder)).toThrow(/not the one/)
  })
})

describe('a migration', () => {
  /** The shipped migrations and one more of this SQL. */
  async function databaseWithAnEventfulUser() {
    const store = openSqlite(folder)
    await store.close()
    const db = new SqliteDatabase(store.file)
    applyWriterPragmas(db)
    db.exec(`INSERT INTO users (id, email_index, email_key_version, email_iv, email_tag, email_ciphertext,
      password_hash, created_at) VALUES ('usr_1', x'00', 1, x'', x'', x'', '', 0);
      INSERT INTO api_keys VALUES ('tok_1', 'usr_1', 'n', x'01', '1234', '[]', NULL, NULL, 0)`)
    return db
  }

  test('that makes a table anew does not take along the rows that refer to it', async () => {
    const db = await databaseWithAnEventfulUser()
    migrate(
      db,
      withOneMore(
        shipped,
        folder,
        `CREATE TABLE anew AS SELECT * FROM users;--> statement-breakpoint
        DROP TABLE users;--> statement-breakpoint
        ALTER TABLE anew RENAME TO users;--> statement-breakpoint
        CREATE UNIQUE INDEX users_id ON users (id);`,
      ),
    )
    expect(db.prepare('SELECT count(*) FROM api_keys').pluck().get()).toBe(1)
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1)
    db.close()
  })

  test('that fails, or leaves references to nothing, changes nothing', async () => {
    const db = await databaseWithAnEventfulUser()
    const schema = () => db.prepare('SELECT name, sql FROM sqlite_schema').all()
    const before = schema()
    const halfway = withOneMore(
      shipped,
      folder,
      'CREATE TABLE half (a);--> statement-breakpoint\nINSERT INTO no_such_table VALUES (1);',
    )
    expect(() => migrate(db, halfway)).toThrow()
    expect(() => migrate(db, withOneMore(shipped, folder, 'DELETE FROM users;'))).toThrow(MigrationError)
    expect(schema()).toEqual(before)
    expect(db.prepare('SELECT count(*) FROM users').pluck().get()).toBe(1)
    db.close()
  })
})
