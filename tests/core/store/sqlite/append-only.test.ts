import type { Database } from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insideOf } from '../../../../core/platform.ts'
import { asSqlite } from '../../../../core/store/sqlite/open-sqlite.ts'
import { openHouse, type SmallHouse } from '../../../support/small-house.ts'

let house: SmallHouse
let writing: Database

beforeAll(async () => {
  house = await openHouse()
  const scope = await house.user()
  for (let count = 0; count < 3; count += 1) {
    await scope.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
  }
  // The very connection that every write of the product goes through, with the pragmas it has there.
  await asSqlite(insideOf(house.platform).store).write(async (db) => {
    writing = db.$client
  })
})

afterAll(() => house.close())

const columns =
  'subject_id, seq, ts, actor_kind, actor_id, action, target_kind, target_id, detail, request_id, prev, hash'

test.each([
  ['UPDATE OR REPLACE', 'UPDATE OR REPLACE audit_events SET seq = 1 WHERE seq = 2'],
  ['REPLACE', `REPLACE INTO audit_events (${columns}) SELECT ${columns} FROM audit_events WHERE seq = 2`],
  ['INSERT OR REPLACE', `INSERT OR REPLACE INTO audit_events (${columns}) SELECT ${columns} FROM audit_events LIMIT 1`],
  [
    'INSERT OR REPLACE by rowid',
    `INSERT OR REPLACE INTO audit_events (rowid, ${columns})
     SELECT rowid, subject_id, 5, ts, actor_kind, actor_id, action, target_kind, target_id, detail, request_id, prev, hash
     FROM audit_events WHERE seq = 1`,
  ],
])('A1 %s replaces no audit row', (_name, statement) => {
  const before = writing.prepare('SELECT * FROM audit_events').all()
  expect(() => writing.exec(statement)).toThrow(/append-only|no gaps/)
  expect(writing.prepare('SELECT * FROM audit_events').all()).toEqual(before)
})
