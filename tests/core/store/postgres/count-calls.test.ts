import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minute, second } from '../../../../core/clock.ts'
import { countCalls } from '../../../../core/store/postgres/count-calls.ts'
import { type Lab, openLab, withoutPostgres } from './lab.ts'

describe.skipIf(withoutPostgres)('calls that are counted in the database', () => {
  let lab: Lab
  let url: string
  const pools: Pool[] = []

  beforeAll(async () => {
    lab = await openLab()
    ;({ url } = await lab.migrated())
  })

  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await lab?.close()
  })

  function counter(clock: () => number) {
    const pool = new Pool({ connectionString: url, options: '-c role=oort_functions' })
    // The database is dropped while the server still ends their sessions, and says so.
    pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined))
    pools.push(pool)
    return countCalls(pool, clock)
  }

  test('R3 of forty at once on two instances as many are let through as the limit allows', async () => {
    const limit = { name: 'at once', calls: 7, perSeconds: 60 }
    const [here, there] = [counter(() => 0), counter(() => 0)]
    const waits = await Promise.all(
      Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? here : there).count(limit, 'ada')),
    )
    expect(waits.filter((wait) => wait === 0)).toHaveLength(7)
    expect(new Set(waits)).toEqual(new Set([0, 60]))
  })

  test('limits of other names and other callers are counted apart', async () => {
    const one = { calls: 1, perSeconds: 60 }
    const { count } = counter(() => 0)
    expect(await count({ ...one, name: 'first' }, 'ada')).toBe(0)
    expect(await count({ ...one, name: 'first' }, 'ben')).toBe(0)
    expect(await count({ ...one, name: 'other' }, 'ada')).toBe(0)
    expect(await count({ ...one, name: 'first' }, 'ada')).toBe(60)
  })

  test('time begins with the first call, and what is left of it is told', async () => {
    let now = 0
    const { count } = counter(() => now)
    const limit = { name: 'in time', calls: 2, perSeconds: 60 }
    await count(limit, 'ada')
    now = 45 * second
    expect(await count(limit, 'ada')).toBe(0)
    expect(await count(limit, 'ada')).toBe(15)
    now = minute
    expect(await count(limit, 'ada')).toBe(0)
  })

  test('who is over a limit is turned away without a question to the database', async () => {
    const { count } = counter(() => 0)
    const limit = { name: 'known', calls: 1, perSeconds: 60 }
    await count(limit, 'ada')
    expect(await count(limit, 'ada')).toBe(60)
    const pool = pools.at(-1)
    await pool?.end()
    pools.splice(-1)
    expect(await count(limit, 'ada')).toBe(60)
    await expect(count(limit, 'ben')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  test('D3 no caller stands in the database by name, and none longer than the limit lasts', async () => {
    let now = 0
    const { count } = counter(() => now)
    await count({ name: 'forgotten', calls: 1, perSeconds: 60 }, '192.0.2.1')
    const owner = await lab.connect(url)
    const rows = async () =>
      (await owner.query<{ row: string }>("SELECT c::text AS row FROM call_counts AS c WHERE limit_name = 'forgotten'"))
        .rows
    expect(JSON.stringify(await rows())).not.toContain('192.0.2.1')
    expect(await rows()).toHaveLength(1)
    now = 2 * minute
    await count({ name: 'another', calls: 1, perSeconds: 60 }, 'ben')
    await expect.poll(rows).toEqual([])
  })
})
