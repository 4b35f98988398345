import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { insideOf } from '../../../../core/platform.ts'
import { consoleActor } from '../../../../core/scope/console-scope.ts'
import { numberTypes } from '../../../../core/store/postgres/number-types.ts'
import { createTransactions } from '../../../../core/store/postgres/transactions.ts'
import { rekey } from '../../../../core/store/rekey.ts'
import { resealRows } from '../../../../core/store/reseal-rows.ts'
import { runs } from '../../../../core/store/schema.ts'
import { sealedTables } from '../../../../core/store/sealed-tables.ts'
import { onServer } from '../../../support/database.ts'
import { type PostgresCluster, startPostgres } from '../../../support/postgres-cluster.ts'
import { openHouse } from '../../../support/small-house.ts'
import { fill } from '../rekey-lab.ts'
import { withoutPostgres } from './lab.ts'

const secret = () => randomBytes(32).toString('base64')

/** Makes each change of a run take so long. */
const slowed = (seconds: number) => `
  CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(${seconds}); RETURN NEW; END';
  CREATE TRIGGER slowly BEFORE UPDATE ON runs FOR EACH ROW EXECUTE FUNCTION slowly()`

const sleeping = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"

describe.skipIf(withoutPostgres)('K5 a rotation on PostgreSQL', { timeout: 60_000 }, () => {
  let cluster: PostgresCluster
  let url: string
  beforeAll(async () => {
    cluster = await startPostgres()
  })
  afterAll(() => cluster?.stop())
  beforeEach(async () => {
    url = await cluster.createDatabase()
  })

  /** An Oort with a new key, and with rows that are sealed under the old one. */
  async function rotated(runCount: number) {
    const old = secret()
    const before = await openHouse({ env: { DATABASE_URL: url, BYOK_MASTER_KEY: old } })
    await fill(before, 1, runCount)
    await before.close()
    return openHouse({ env: { DATABASE_URL: url, BYOK_MASTER_KEY: secret(), BYOK_MASTER_KEY_PREVIOUS: old } })
  }

  test('retires the old version although somebody is writing', async () => {
    const house = await rotated(0)
    const writer = new pg.Client({ connectionString: url })
    await writer.connect()
    await writer.query('BEGIN; DELETE FROM runs')
    expect(await rekey(house.platform, consoleActor())).toMatchObject({ unopened: [], retired: [1] })
    await writer.end()
    await house.close()
  })

  test('lets others write between rows that take long', async () => {
    const house = await rotated(7)
    const { store } = insideOf(house.platform)
    await onServer(url, (owner) => owner.query(slowed(1.1)))
    const rotation = rekey(house.platform, consoleActor())
    await expect.poll(() => onServer(url, async (owner) => (await owner.query(sleeping)).rowCount)).toBe(1)
    await store.write((db) => db.delete(runs).where(eq(runs.model, 'none')))
    expect(await rotation).toMatchObject({ unopened: [], retired: [1] })
    await house.close()
  })

  test('writes nothing more of a unit that was ended for taking too long', async () => {
    const house = await rotated(8)
    const { store, keyring } = insideOf(house.platform)
    await onServer(url, (owner) => owner.query(slowed(0.1)))
    const table = sealedTables().find((each) => each.table === runs)
    const [first, ...further] = await store.read.select({ id: runs.id }).from(runs).orderBy(runs.id)
    if (table === undefined || first === undefined) throw new Error('no runs')
    const pool = new pg.Pool({ connectionString: url, max: 1, types: numberTypes(pg) })
    const transactions = createTransactions(pool, { queue: 10, unitMs: 250, retryMs: 0 })
    const unit = transactions.run((db) => resealRows(db, keyring, table, [first.id, ...further.map(({ id }) => id)]))
    await expect(unit).rejects.toMatchObject({ code: 'INTERNAL' })
    // Whatever is still to come would come on the same connection.
    for (let times = 0; times < 10; times += 1) await pool.query('SELECT pg_sleep(0.05)')
    expect(await store.read.$count(runs, eq(runs.promptKeyVersion, 2))).toBe(0)
    await pool.end()
    await house.close()
  })
})
