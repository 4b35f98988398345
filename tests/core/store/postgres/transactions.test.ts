import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTransactions } from '../../../../core/store/postgres/transactions.ts'
import type { Db } from '../../../../core/store/store.ts'
import { type Lab, openLab, withoutPostgres } from './lab.ts'

/** The connection that a unit has for itself. */
function clientOf({ $client }: Db): pg.ClientBase {
  return $client as pg.ClientBase
}

describe.skipIf(withoutPostgres)('transactions on PostgreSQL', () => {
  let lab: Lab
  let admin: pg.Client
  let pool: pg.Pool
  beforeAll(async () => {
    lab = await openLab()
    const url = await lab.createDatabase()
    admin = await lab.superuser(url)
    pool = new pg.Pool({ connectionString: url, statement_timeout: 200, query_timeout: 1_000 })
    await pool.query('CREATE TABLE notes (text text)')
  })
  afterAll(async () => {
    await pool?.end()
    await lab?.close()
  })

  test('a transaction that failed is not reported as done, whatever its unit makes of it', async () => {
    const done = createTransactions(pool).run(async (db) => {
      await clientOf(db)
        .query('SELECT 1 / 0')
        .catch(() => undefined)
    })
    await expect(done).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  test('a commit that waits for its replica in vain is in doubt, and not reported as done', async () => {
    await admin.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    await admin.query('SELECT pg_reload_conf()')
    // Commits wait from when another process of the server has read the setting, which none of ours can see.
    const insert = () => createTransactions(pool).run((db) => clientOf(db).query("INSERT INTO notes VALUES ('x')"))
    const outcome = () => insert().then(String, ({ code }) => code)
    await expect.poll(outcome, { timeout: 20_000, interval: 200 }).toBe('STORE_UNAVAILABLE')
    await admin.query('ALTER SYSTEM RESET synchronous_standby_names')
    await admin.query('SELECT pg_reload_conf()')
  })
})
