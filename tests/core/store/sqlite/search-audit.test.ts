import { afterAll, beforeAll, expect, test } from 'vitest'
import { insideOf } from '../../../../core/platform.ts'
import { type AuditFilter, auditQuery } from '../../../../core/store/search-audit.ts'
import { asSqlite } from '../../../../core/store/sqlite/open-sqlite.ts'
import { openHouse, type SmallHouse } from '../../../support/small-house.ts'

let house: SmallHouse
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

const filter = { targetId: 'x', actorId: 'x', subjectId: 'x', action: 'x', from: 1, to: 2 } as const
const place = { rowid: 1, ts: 2, seq: 3 }
const names = Object.keys(filter) as (keyof AuditFilter)[]
const combinations = Array.from({ length: 2 ** names.length }, (_, bits) =>
  names.filter((_name, at) => (bits >> at) & 1),
)

/** The details of a plan, as SQLite words them. */
function detailsOf(asked: readonly (keyof AuditFilter)[], after: typeof place | undefined): string[] {
  const { read } = asSqlite(insideOf(house.platform).store)
  const page = { ...Object.fromEntries(asked.map((name) => [name, filter[name]])), limit: 50 }
  const { sql, params } = auditQuery(read, page, after).toSQL()
  const steps = read.$client.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...params)
  return steps.map(({ detail }) => detail)
}

test('whatever is asked for, a page is found by one index and needs no sorting', () => {
  for (const asked of combinations) {
    for (const after of [undefined, place]) {
      const walk = asked.length === 0 && after === undefined ? 'SCAN' : 'SEARCH'
      expect([asked, detailsOf(asked, after)]).toEqual([
        asked,
        [expect.stringMatching(new RegExp(`^${walk} audit_events USING INDEX \\w+`))],
      ])
    }
  }
})

test('a page goes on by its index, not by leaving out what came before', () => {
  for (const asked of combinations) {
    const [detail] = detailsOf(asked, place)
    expect([asked, detail]).toEqual([asked, expect.stringMatching(/\b(ts|seq)<\?/)])
  }
})
