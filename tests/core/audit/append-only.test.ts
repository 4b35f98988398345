import type { Database } from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insideOf } from '../../../core/platform.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

let house: SmallHouse
let writing: Database

beforeAll(async () => {
  house = await openHouse()
  const scope = await house.user()
  for (let count = 0; count < 3; count += 1) {
    await scope.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
  }
  // The very connection that every write of the product goes through, with the pragmas it has there.
  await insideOf(house.platform).store.write(async (db) => {
    writing = db.$client
  })
})

afterAll(() => house.close())

const columns =
  'subject_id, seq, ts, actor_kind, actor_id, action, target_kind, target_id, detail, request_id, prev, hash'

describe('A1 an audit row, once written, is refused', () => {
  test.each([
    ['UPDATE', 'UPDATE audit_events SET action = "x" WHERE seq = 2'],
    ['UPDATE that changes nothing', 'UPDATE audit_events SET action = action'],
    ['UPDATE OR REPLACE', 'UPDATE OR REPLACE audit_events SET seq = 1 WHERE seq = 2'],
    ['UPDATE FROM', 'UPDATE audit_events SET ts = other.ts FROM audit_events AS other WHERE other.seq = 1'],
    ['DELETE', 'DELETE FROM audit_events WHERE seq = 4'],
    ['DELETE of all', 'DELETE FROM audit_events'],
    ['REPLACE', `REPLACE INTO audit_events (${columns}) SELECT ${columns} FROM audit_events WHERE seq = 2`],
    [
      'INSERT OR REPLACE',
      `INSERT OR REPLACE INTO audit_events (${columns}) SELECT ${columns} FROM audit_events LIMIT 1`,
    ],
    [
      'INSERT OR REPLACE by rowid',
      `INSERT OR REPLACE INTO audit_events (rowid, ${columns})
       SELECT rowid, subject_id, 5, ts, actor_kind, actor_id, action, target_kind, target_id, detail, request_id, prev, hash
       FROM audit_events WHERE seq = 1`,
    ],
    [
      'UPSERT',
      `INSERT INTO audit_events (${columns}) SELECT ${columns} FROM audit_events WHERE seq = 4
       ON CONFLICT DO UPDATE SET action = 'x'`,
    ],
  ])('to %s', (_name, statement) => {
    const before = writing.prepare('SELECT * FROM audit_events').all()
    expect(() => writing.exec(statement.replaceAll('"x"', "'x'"))).toThrow(/append-only|no gaps/)
    expect(writing.prepare('SELECT * FROM audit_events').all()).toEqual(before)
  })

  test('to leave a gap', () => {
    const gap = `INSERT INTO audit_events (${columns}) SELECT subject_id, seq + 2, ts, actor_kind, actor_id, action,
      target_kind, target_id, detail, request_id, prev, hash FROM audit_events WHERE seq = 4`
    expect(() => writing.exec(gap)).toThrow('no gaps')
  })

  test('to follow an entry that is not the one before it', () => {
    const wrong = `INSERT INTO audit_events (${columns}) SELECT subject_id, seq + 1, ts, actor_kind, actor_id, action,
      target_kind, target_id, detail, request_id, prev, hash FROM audit_events WHERE seq = 4`
    expect(() => writing.exec(wrong)).toThrow('no gaps')
    const begun = `INSERT INTO audit_events (${columns}) SELECT 'usr_other', 1, ts, actor_kind, actor_id, action,
      target_kind, target_id, detail, request_id, prev, hash FROM audit_events WHERE seq = 4`
    expect(() => writing.exec(begun)).toThrow('no gaps')
  })
})

test('A1 the read side can write nothing at all', async () => {
  const { read } = insideOf(house.platform).store
  expect(() => read.$client.exec('CREATE TABLE loot (a)')).toThrow(/readonly/)
  expect(() => read.$client.exec('DELETE FROM users')).toThrow(/readonly/)
})
