import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { migrationsOf } from '../../../core/store/migrations-folder.ts'
import { migratePostgres } from '../../../core/store/postgres/migrate-postgres.ts'
import { freePort } from '../../../infra/bundling/free-port.ts'
import { withoutPostgres } from '../../core/store/postgres/lab.ts'
import { type FullHouse, type MoveLab, openMoveLab } from '../../core/store/postgres/move-lab.ts'
import { openEverything } from '../../core/store/rekey-lab.ts'
import { shipped } from '../../support/built.ts'
import { at, onServer } from '../../support/database.ts'
import { password, startOort } from '../../support/oort.ts'
import { type Environment, start, strongSecrets } from '../../support/process.ts'
import { openHouse } from '../../support/small-house.ts'
import { oort, oortJson } from './lab.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const [program, router] = [await shipped('infra/cli/oort.ts'), await shipped('infra/router.ts')]

interface Told {
  readonly rows: number
  readonly copied: number
  readonly beginning: string
}

describe.skipIf(withoutPostgres)('oort migrate', () => {
  let lab: MoveLab

  beforeAll(async () => {
    lab = await openMoveLab()
  })
  afterAll(() => lab?.close())

  const isMarked = ({ dataDir }: FullHouse) => existsSync(join(dataDir, 'moved-to-postgres'))
  const countOf = (url: string, table: string) =>
    onServer(url, async (client) => (await client.query(`SELECT FROM ${table}`)).rowCount)

  test('the same people sign in afterwards and find what they had, and the old folder serves nobody', async () => {
    const house = await lab.house()
    const url = await lab.createDatabase()
    const before = await openHouse(house)
    const opened = await openEverything(before)
    await before.close()

    const dry = await oort(house.env, 'migrate', '--to', url, '--dry-run')
    expect(dry).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringMatching(/^READY {2}\d+ rows in 26 tables/),
    })
    expect([isMarked(house), await countOf(url, "pg_class WHERE relname = 'users'")]).toEqual([false, 0])

    const done = await oort(house.env, 'migrate', '--to', url)
    expect(done).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringMatching(/^MOVED {2}to postgres:\/\/127/),
    })
    expect(done.stdout).not.toContain(new URL(url).password)
    const env = { ...house.env, DATABASE_URL: url }
    const served = await startOort({ dataDir: house.dataDir, env })
    const browser = served.browser()
    expect((await browser.post('/api/auth/sign-in', { email: house.email, password })).status).toBe(200)
    const listed = (await browser.get('/api/runs')).json<{ runs: { id: string }[] }>()
    expect(listed.runs.length).toBe(3)
    const one = await browser.get(`/api/runs/${listed.runs[0]?.id}`)
    expect(one.json()).toMatchObject({ prompt: expect.stringContaining('prompt of moved') })
    // But for the session that has begun since.
    expect([...(await openEverything(served)).opened]).toEqual(expect.arrayContaining([...opened.opened]))
    await served.close()
    expect(await oort(env, 'audit', 'verify')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^INTACT /) })

    const old = { ...house.env, OORT_PORT: String(await freePort()) }
    const refusals = await Promise.all([
      start(router, [], old).ended,
      oort(house.env, 'keys', 'status'),
      oort(house.env, 'migrate', '--to', url),
    ])
    for (const { exitCode, stderr } of refusals) {
      expect([exitCode, stderr]).toEqual([78, expect.stringMatching(/was moved to .*\n.*DATABASE_URL.*To go back/)])
    }
  })

  test('killed in the middle it goes on where it was, and until then the old folder serves and the new place does not', async () => {
    const house = await lab.house()
    const url = await lab.createDatabase()
    // It is held up in the middle by somebody who has a table to himself.
    const blocker = new Client({ connectionString: url })
    await blocker.connect()
    await migratePostgres(blocker, migrationsOf('postgres'))
    await blocker.query('BEGIN; LOCK TABLE run_terms IN SHARE MODE')
    const killed = start(program, ['migrate', '--to', url], house.env)
    await expect
      .poll(
        () => countOf(url, "pg_stat_activity WHERE application_name = 'oort migrate' AND wait_event_type = 'Lock'"),
        {
          timeout: 60_000,
        },
      )
      .toBe(1)
    killed.child.kill('SIGKILL')
    expect((await killed.ended).signal).toBe('SIGKILL')
    await blocker.query('ROLLBACK')
    await blocker.end()
    const had = (await countOf(url, 'runs')) ?? 0
    expect(had).toBeGreaterThan(0)

    expect(await oort({ ...house.env, DATABASE_URL: url }, 'keys', 'status')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('not finished: run `oort migrate`'),
    })
    expect((await oort(house.env, 'keys', 'status')).exitCode).toBe(0)
    const told = await oortJson<Told>({ ...house.env, DATABASE_URL: url }, 'migrate')
    expect(told).toMatchObject({ beginning: 'resumed' })
    expect(told.copied).toBeLessThanOrEqual(told.rows - had)
    expect(isMarked(house)).toBe(true)
  })

  test('refuses beside a live Oort, on either side, and says which process it is', async () => {
    const house = await lab.house()
    const url = await lab.createDatabase()
    const port = String(await freePort())
    const live = start(router, [], { ...house.env, OORT_PORT: port })
    await live.origin
    const refused = await oort(house.env, 'migrate', '--to', url)
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`process ${live.child.pid} on `) })
    expect(await oort(house.env, 'migrate', '--to', url, '--dry-run')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(new RegExp(`^NOT YET [^]*To be stopped first: process ${live.child.pid} on `)),
    })
    live.child.kill('SIGTERM')
    await live.ended

    const other = { ...house.env, OORT_DATA_DIR: await lab.folder(), DATABASE_URL: url }
    const there = start(router, [], { ...other, OORT_PORT: port })
    await there.origin
    expect(await oort(house.env, 'migrate', '--to', url)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`process ${there.child.pid} on `),
    })
    there.child.kill('SIGTERM')
    await there.ended
    expect(isMarked(house)).toBe(false)
  })

  test('each fault has an exit code and says why', async () => {
    const house = await lab.house()
    const url = await lab.createDatabase()
    const nowhere = `postgres://a:secret@127.0.0.1:${await freePort()}/oort`
    const empty = await lab.folder()
    const faults: readonly (readonly [args: readonly string[], env: Environment, exitCode: number, says: string])[] = [
      [[], {}, 78, 'DATABASE_URL'],
      [['--to', 'mysql://host/oort'], {}, 64, 'Use an address such as postgres://'],
      [['--to', url], { OORT_DATA_DIR: empty }, 78, 'there is no database'],
      [['--to', nowhere], {}, 1, 'cannot be reached: ECONNREFUSED'],
      [['--to', at(url, 'missing')], {}, 1, 'has no such database'],
      [['--to', Object.assign(new URL(url), { password: 'wrong' }).href], {}, 1, 'refuses the user or the password'],
      [['--to', url], strongSecrets(), 78, 'BYOK_MASTER_KEY does not open'],
      [['--to', url, '--dry-run'], strongSecrets(), 78, 'BYOK_MASTER_KEY does not open'],
    ]
    for (const [args, more, exitCode, says] of faults) {
      const ended = await oort({ ...house.env, ...more }, 'migrate', ...args)
      expect([args.join(' '), ended.exitCode, ended.stderr]).toEqual([
        args.join(' '),
        exitCode,
        expect.stringContaining(says),
      ])
      expect(ended.stderr).not.toContain('secret@')
    }
    expect(isMarked(house)).toBe(false)
    const untouched = await openHouse(house)
    await untouched.user()
    await untouched.close()
  })
})
