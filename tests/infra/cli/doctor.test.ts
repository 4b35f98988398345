import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseName } from '../../../core/store/sqlite/open-sqlite.ts'
import { closedHouse, oort } from './lab.ts'

interface Report {
  readonly healthy: boolean
  readonly checks: readonly { readonly name: string; readonly state: string; readonly detail: string }[]
}

let folder: string
let pristine: string
let env: Readonly<Record<string, string>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-doctor-'))
  pristine = join(folder, 'pristine')
  ;({ env } = await closedHouse(pristine, ['ada']))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What the doctor finds in a copy of the database that was changed, by the names of what is not good. */
async function examine(
  name: string,
  { change, more = {} }: { readonly change?: (db: SqliteDatabase.Database) => unknown; readonly more?: object },
) {
  const dataDir = join(folder, name)
  await cp(pristine, dataDir, { recursive: true })
  if (change !== undefined) {
    const db = new SqliteDatabase(join(dataDir, databaseName))
    change(db)
    db.close()
  }
  return look(dataDir, more)
}

async function look(dataDir: string, more: object = {}) {
  const { exitCode, stdout } = await oort({ ...env, OORT_DATA_DIR: dataDir, ...more }, 'doctor', '--json')
  const { checks, healthy } = JSON.parse(stdout) as Report
  expect(exitCode).toBe(healthy ? 0 : 1)
  return Object.fromEntries(checks.filter(({ state }) => state !== 'good').map((each) => [each.name, each]))
}

describe('the doctor', { timeout: 120_000 }, () => {
  test('finds a sound house well, and changes no byte of the database', async () => {
    const before = await readFile(join(pristine, databaseName))
    const { exitCode, stdout } = await oort(env, 'doctor')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^good +integrity +sound$/m)
    expect((await readFile(join(pristine, databaseName))).equals(before)).toBe(true)
  })

  test('tells what a rotation still lacks', async () => {
    const rotation = {
      BYOK_MASTER_KEY: randomBytes(32).toString('base64'),
      BYOK_MASTER_KEY_PREVIOUS: env['BYOK_MASTER_KEY'],
    }
    expect(await examine('rotating', { more: rotation })).toMatchObject({
      'master key': { state: 'attention' },
      rotation: { state: 'attention', detail: expect.stringContaining('oort keys rekey') },
    })
    expect(
      (await oort({ ...env, OORT_DATA_DIR: join(folder, 'rotating'), ...rotation }, 'keys', 'rekey')).exitCode,
    ).toBe(0)
    expect(await look(join(folder, 'rotating'), rotation)).toMatchObject({
      rotation: { state: 'attention', detail: 'BYOK_MASTER_KEY_PREVIOUS is retired: remove it' },
    })
  })

  test.each<[string, (db: SqliteDatabase.Database) => unknown, object]>([
    [
      'an audit log that was tampered with',
      (db) => {
        db.exec('DROP TRIGGER audit_events_no_update')
        db.exec("UPDATE audit_events SET action = 'user.deleted'")
      },
      { 'audit log': { state: 'bad', detail: expect.stringContaining('edited') } },
    ],
    [
      'references to nothing',
      (db) => {
        db.pragma('foreign_keys = OFF')
        db.exec("INSERT INTO run_allowances VALUES ('usr_gone', '2026-01', 1)")
      },
      { references: { state: 'bad' } },
    ],
    [
      'a database of a newer Oort',
      (db) => db.exec("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 9999999999999)"),
      { migrations: { state: 'bad', detail: expect.stringContaining('newer version') } },
    ],
    [
      'a migration that is still to come',
      (db) => db.exec('DELETE FROM __drizzle_migrations WHERE id = (SELECT max(id) FROM __drizzle_migrations)'),
      { migrations: { state: 'attention', detail: expect.stringContaining('1 ') } },
    ],
    [
      'a clock that is behind the log',
      (db) =>
        db.exec(`INSERT INTO audit_events SELECT 'usr_2', 1, ts + 86400000, actor_kind, actor_id, action, target_kind,
          target_id, detail, request_id, prev, hash FROM audit_events LIMIT 1`),
      { clock: { state: 'bad' } },
    ],
  ])('finds %s', async (name, change, expected) => {
    expect(await examine(name.replaceAll(' ', '-'), { change })).toMatchObject(expected)
  })

  test('finds a damaged file, a wrong key, no database and no configuration', async () => {
    const damaged = join(folder, 'damaged')
    await cp(pristine, damaged, { recursive: true })
    const file = await open(join(damaged, databaseName), 'r+')
    // The second page is the root of a table.
    await file.write(randomBytes(4_096), 0, 4_096, 4_096)
    await file.close()
    expect(await look(damaged)).toMatchObject({ integrity: { state: 'bad' } })
    const wrong = { BYOK_MASTER_KEY: randomBytes(32).toString('base64') }
    expect(await look(pristine, wrong)).toMatchObject({
      'master key': { state: 'bad', detail: 'BYOK_MASTER_KEY does not open this database' },
    })
    expect(await look(join(folder, 'nothing'))).toMatchObject({ database: { state: 'bad' } })
    expect(await look(pristine, { BYOK_MASTER_KEY: 'short' })).toMatchObject({ configuration: { state: 'bad' } })
  })
})
