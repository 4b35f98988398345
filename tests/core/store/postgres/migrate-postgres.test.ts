import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MigrationError } from '../../../../core/store/missing-migrations.ts'
import { findRoleFaults } from '../../../../core/store/postgres/find-role-faults.ts'
import { countMissingPostgres, migratePostgres } from '../../../../core/store/postgres/migrate-postgres.ts'
import { withOneMore } from '../../../support/one-more-migration.ts'
import { as, type Lab, openLab, shipped, withoutPostgres } from './lab.ts'

describe.skipIf(withoutPostgres)('migrating PostgreSQL', () => {
  let lab: Lab
  let folder: string

  beforeAll(async () => {
    lab = await openLab()
    folder = await mkdtemp(join(tmpdir(), 'oort-migrate-'))
  })

  afterAll(async () => {
    await lab?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Everything of the schema that could change, with who may do what. */
  const schemaOf = async (client: Client) => {
    const { rows } = await client.query(
      `SELECT relname, relkind, relacl::text, xmin::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
       UNION ALL SELECT hash, 'm', NULL, xmin::text FROM __drizzle_migrations ORDER BY 1, 2`,
    )
    return rows
  }

  test('two databases of a cluster, each by four that start at once, end up with one schema and one role', async () => {
    const databases = [await lab.createDatabase(), await lab.createDatabase()]
    const clients = await Promise.all(databases.flatMap((url) => Array.from({ length: 4 }, () => lab.connect(url))))
    await Promise.all(clients.map((client) => migratePostgres(client, shipped)))
    for (const client of clients) {
      expect(await findRoleFaults(client)).toEqual([])
      expect(await countMissingPostgres(client, shipped)).toBe(0)
    }
    const applied = await clients[0]?.query('SELECT hash FROM __drizzle_migrations')
    expect(applied?.rowCount).toBe(new Set(applied?.rows.map(({ hash }) => hash)).size)
  })

  test('a role that another database makes meanwhile is waited for and shared', async () => {
    const [url, elsewhere] = [await lab.createDatabase(), await lab.createDatabase()]
    const [client, superuser] = [await lab.connect(url), await lab.superuser(elsewhere)]
    const databases = await superuser.query("SELECT datname FROM pg_database WHERE datname LIKE 'oort_%'")
    for (const { datname } of databases.rows) {
      const inside = await lab.superuser(Object.assign(new URL(url), { pathname: datname }).href)
      await inside.query('DROP OWNED BY oort_functions')
    }
    await superuser.query('DROP ROLE oort_functions')
    await superuser.query('BEGIN')
    await superuser.query('CREATE ROLE oort_functions')
    const migrating = migratePostgres(client, shipped)
    await expect
      .poll(async () => (await superuser.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount)
      .toBeGreaterThan(0)
    await superuser.query('COMMIT')
    await migrating
    expect(await findRoleFaults(client)).toEqual([])
  })

  test('a second time changes nothing', async () => {
    const { owner } = await lab.migrated()
    const before = await schemaOf(owner)
    await migratePostgres(owner, shipped)
    expect(await schemaOf(owner)).toEqual(before)
  })

  test('a table that a later migration brings is not for functions until the schema describes it', async () => {
    const { owner } = await lab.migrated()
    await migratePostgres(owner, withOneMore(shipped, folder, 'CREATE TABLE later (a text)'))
    const { rows } = await owner.query("SELECT has_table_privilege('oort_functions', 'later', 'SELECT') AS may")
    expect(rows).toEqual([{ may: false }])
  })

  test('one that fails changes nothing, and leaves the connection fit for use', async () => {
    const { owner } = await lab.migrated()
    const before = await schemaOf(owner)
    const halfway = 'CREATE TABLE half (a text);--> statement-breakpoint\nINSERT INTO no_such_table VALUES (1);'
    await expect(migratePostgres(owner, withOneMore(shipped, folder, halfway))).rejects.toMatchObject({ code: '42P01' })
    expect(await schemaOf(owner)).toEqual(before)
  })

  describe('a database that cannot be what Oort needs stops the start', () => {
    test('when a newer version of Oort made it', async () => {
      const { owner } = await lab.migrated()
      await owner.query("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('of the future', 9999999999999)")
      await expect(migratePostgres(owner, shipped)).rejects.toThrow(/newer version of Oort/)
    })

    test('when a migration is not the one that was applied', async () => {
      const { owner } = await lab.migrated()
      await owner.query("UPDATE __drizzle_migrations SET hash = 'changed' WHERE id = 1")
      await expect(migratePostgres(owner, shipped)).rejects.toThrow(/not the one/)
    })
  })

  describe('a user who does not own the schema', () => {
    /** Somebody who can log in and is a member of these roles, with a connection to this database. */
    async function member(url: string, ...roles: readonly string[]): Promise<Client> {
      const superuser = await lab.superuser(url)
      const name = `app_${randomBytes(4).toString('hex')}`
      await superuser.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}'`)
      for (const role of roles) await superuser.query(`GRANT ${role} TO ${name}`)
      return lab.connect(as(url, name, name))
    }

    test('goes on where functions’ role is theirs and the schema is up to date', async () => {
      const { url, owner } = await lab.migrated()
      const before = await schemaOf(owner)
      await migratePostgres(await member(url, 'oort_functions'), shipped)
      expect(await schemaOf(owner)).toEqual(before)
    })

    test('is told to let the owner start first where a migration is missing, or a right is wrong', async () => {
      const { url, owner } = await lab.migrated()
      const app = await member(url, 'oort_functions')
      const newer = withOneMore(shipped, folder, 'CREATE TABLE later (a text)')
      await expect(migratePostgres(app, newer)).rejects.toThrow('it lacks 1 migrations')
      await owner.query('GRANT DELETE ON audit_events TO oort_functions')
      await expect(migratePostgres(app, shipped)).rejects.toThrow('DELETE on audit_events')
    })

    test('is refused in words where the schema is not theirs at all, or is not there', async () => {
      const { url } = await lab.migrated()
      await expect(migratePostgres(await member(url), shipped)).rejects.toThrow('neither owns the schema')
      const stranger = await member(await lab.createDatabase())
      await expect(migratePostgres(stranger, shipped)).rejects.toThrow(MigrationError)
    })
  })
})
