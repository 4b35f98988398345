import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { runs } from '../../../core/store/schema.ts'
import { withoutPostgres } from '../../core/store/postgres/lab.ts'
import { onServer } from '../../support/database.ts'
import { password, startOort, type TestOort } from '../../support/oort.ts'
import { type PostgresCluster, startPostgres } from '../../support/postgres-cluster.ts'
import { scopeOf, userByEmail } from '../../support/seed.ts'

/** Each word by which runs are found takes as long to delete as millions do: longer than any other unit of work may. */
const slowly = `
  CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(16); RETURN OLD; END';
  CREATE TRIGGER slowly BEFORE DELETE ON run_terms FOR EACH ROW EXECUTE FUNCTION slowly()`

const sleeping = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"

describe.skipIf(withoutPostgres)('the deletion of a large account on PostgreSQL', { timeout: 120_000 }, () => {
  let cluster: PostgresCluster
  let url: string
  let oort: TestOort
  beforeAll(async () => {
    cluster = await startPostgres()
    url = await cluster.createDatabase()
    oort = await startOort({ env: { DATABASE_URL: url } })
    await onServer(url, (owner) => owner.query(slowly))
  })
  afterAll(async () => {
    await oort?.close()
    await cluster?.stop()
  })

  const begin = (scope: UserScope, searchText?: string) => {
    const providerKeyId = newId('providerKey')
    const row = { endpoint: 'runs', provider: 'openai', model: 'm', state: 'streaming', prompt: 'comets' } as const
    const { instanceId } = oort.platform
    return scope.write((tx) =>
      tx.insert(
        runs,
        { ...row, providerKeyId, instanceId },
        { type: 'run.started', providerKeyId },
        searchText === undefined ? {} : { searchText },
      ),
    )
  }

  test('D1 takes its time, and nobody adds a row to the account meanwhile or ends a run of it', async () => {
    const browser = await oort.signedIn()
    const scope = scopeOf(oort.platform, await userByEmail(oort.platform, browser.email))
    await begin(scope, 'comets')
    const { id } = await begin(scope)
    const deletion = browser.send('DELETE', '/api/auth/account', { body: { password } })
    await expect.poll(() => onServer(url, async (owner) => (await owner.query(sleeping)).rowCount)).toBe(1)

    await expect(begin(scope)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    const end = scope.write((tx) => tx.update(runs, id, { state: 'failed' }, { type: 'run.finished', state: 'failed' }))
    await expect(end).rejects.toBeInstanceOf(Error)
    const deleted = await deletion
    expect(deleted.status).toBe(200)
    expect(deleted.json()).toMatchObject({ rowsDeleted: { runs: 2, run_terms: 1, users: 1 } })
    const { store } = insideOf(oort.platform)
    expect(await store.read.$count(runs)).toBe(0)
  })
})
