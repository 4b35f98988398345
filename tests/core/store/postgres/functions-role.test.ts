import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MigrationError } from '../../../../core/store/missing-migrations.ts'
import { findRoleFaults } from '../../../../core/store/postgres/find-role-faults.ts'
import { migratePostgres } from '../../../../core/store/postgres/migrate-postgres.ts'
import { as, entry, type Lab, openLab, shipped, withoutPostgres } from './lab.ts'

describe.skipIf(withoutPostgres)('the role of functions', () => {
  let lab: Lab
  let url: string
  let owner: Client
  let superuser: Client
  let functions: Client

  beforeAll(async () => {
    lab = await openLab()
    ;({ url, owner } = await lab.migrated())
    superuser = await lab.superuser(url)
    functions = await lab.connect(url, { options: '-c role=oort_functions' })
    await functions.query(entry(1))
  })

  afterAll(() => lab?.close())

  test('can do to rows what functions do, and add to the log', async () => {
    await functions.query("INSERT INTO instances VALUES ('ins_1', 'h', 1, 0, 0)")
    await functions.query('UPDATE instances SET heartbeat_at = 1')
    expect((await functions.query('SELECT heartbeat_at FROM instances FOR UPDATE')).rows).toEqual([
      { heartbeat_at: '1' },
    ])
    expect((await functions.query('DELETE FROM instances')).rowCount).toBe(1)
    await functions.query(entry(2))
    expect((await functions.query('SELECT seq FROM audit_events')).rowCount).toBe(2)
  })

  test.each([
    ['change an entry of the log', "UPDATE audit_events SET action = 'x'"],
    ['delete one', 'DELETE FROM audit_events'],
    ['empty the log', 'TRUNCATE audit_events'],
    ['empty another table', 'TRUNCATE users CASCADE'],
    ['hold an entry', 'SELECT * FROM audit_events FOR UPDATE'],
    ['add to the migrations', "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 1)"],
    ['forget a migration', 'DELETE FROM __drizzle_migrations'],
    ['set back the numbers of the log', "SELECT setval('audit_events_rowid_seq', 1)"],
    ['disable the triggers', 'ALTER TABLE audit_events DISABLE TRIGGER ALL'],
    ['disable all triggers of its connection', 'SET session_replication_role = replica'],
    ['drop a trigger', 'DROP TRIGGER audit_events_no_change ON audit_events'],
    ['add a trigger', 'CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION require_audit_link()'],
    [
      'replace what a trigger calls',
      "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
    ['alter a table', 'ALTER TABLE users ADD COLUMN loot text'],
    ['drop a table', 'DROP TABLE instances'],
    ['take a table over', 'ALTER TABLE users OWNER TO oort_functions'],
    ['make a table', 'CREATE TABLE loot (a text)'],
    ['make a temporary table', 'CREATE TEMPORARY TABLE users (id text)'],
    ['make a schema', 'CREATE SCHEMA loot'],
    ['make an index', 'CREATE INDEX loot ON users (created_at)'],
    ['make a role', 'CREATE ROLE loot'],
  ])('cannot %s', async (_name, statement) => {
    await expect(functions.query(statement)).rejects.toMatchObject({ code: '42501' })
  })

  test.each(['RESET ROLE', 'SET ROLE NONE', 'SET SESSION AUTHORIZATION DEFAULT', 'RESET ALL'])(
    'gives no more to one who leaves it by %s, where the user of the connection does not own the schema',
    async (leave) => {
      const name = `app_${randomBytes(4).toString('hex')}`
      await superuser.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}'`)
      await superuser.query(`GRANT oort_functions TO ${name}`)
      const app = await lab.connect(as(url, name, name), { options: '-c role=oort_functions' })
      await app.query(leave)
      for (const statement of [
        'DELETE FROM audit_events',
        'TRUNCATE audit_events',
        `SET ROLE ${new URL(url).username}`,
      ]) {
        await expect(app.query(statement)).rejects.toMatchObject({ code: '42501' })
      }
    },
  )

  test('cannot log in by itself', async () => {
    const { rows } = await owner.query("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'oort_functions'")
    expect(rows).toEqual([{ rolcanlogin: false }])
  })

  test.each([
    ['a right too many', 'GRANT UPDATE ON audit_events TO oort_functions', 'UPDATE on audit_events'],
    ['a right too few', 'REVOKE INSERT ON users FROM oort_functions', 'SELECT,UPDATE,DELETE on users'],
    ['tables of its own', 'GRANT CREATE ON SCHEMA public TO PUBLIC', 'may create'],
    ['a table that nobody granted', 'REVOKE ALL ON runs FROM oort_functions', 'nothing on runs'],
  ])('that has %s is set right by the next start of the owner', async (_name, change, fault) => {
    await superuser.query(change)
    expect((await findRoleFaults(owner)).join()).toContain(fault)
    await migratePostgres(owner, shipped)
    expect(await findRoleFaults(owner)).toEqual([])
  })

  test.each([
    [
      'a right that everybody has',
      'GRANT UPDATE ON audit_events TO PUBLIC',
      'REVOKE UPDATE ON audit_events FROM PUBLIC',
    ],
    ['the owner’s rights', 'GRANT owner TO oort_functions', 'REVOKE owner FROM oort_functions'],
    [
      'files of the server',
      'GRANT pg_read_server_files TO oort_functions',
      'REVOKE pg_read_server_files FROM oort_functions',
    ],
    ['an attribute', 'ALTER ROLE oort_functions BYPASSRLS', 'ALTER ROLE oort_functions NOBYPASSRLS'],
  ])('that has %s stops the start', async (_name, change, undo) => {
    const name = new URL(url).username
    // The owner cannot be a member of a role that is to become a member of it.
    if (change.includes('owner')) await superuser.query(`REVOKE oort_functions FROM ${name}`)
    await superuser.query(change.replace('owner', name))
    try {
      await expect(migratePostgres(owner, shipped)).rejects.toThrow(MigrationError)
    } finally {
      await superuser.query(undo.replace('owner', name))
    }
    await migratePostgres(owner, shipped)
  })

  test('that its user may not make is asked for in words', async () => {
    const other = await lab.createDatabase()
    await superuser.query(`ALTER ROLE ${new URL(other).username} NOCREATEROLE`)
    const powerless = await lab.connect(other)
    await expect(migratePostgres(powerless, shipped)).rejects.toThrow(
      /CREATE ROLE oort_functions; GRANT oort_functions TO the user/,
    )
    expect((await powerless.query("SELECT to_regclass('public.users') AS users")).rows).toEqual([{ users: null }])
    await superuser.query(`GRANT oort_functions TO ${new URL(other).username}`)
    await migratePostgres(powerless, shipped)
  })
})
