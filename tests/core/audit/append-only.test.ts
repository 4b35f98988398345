import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insideOf } from '../../../core/platform.ts'
import { auditEvents } from '../../../core/store/schema.ts'
import type { Store } from '../../../core/store/store.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

let house: SmallHouse
let store: Store

beforeAll(async () => {
  house = await openHouse()
  const scope = await house.user()
  for (let count = 0; count < 3; count += 1) {
    await scope.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
  }
  store = insideOf(house.platform).store
})

afterAll(() => house.close())

const entries = () => store.read.select().from(auditEvents)

/** What the database says to a statement on the side that every write of the product goes through. */
async function answerTo(statement: string): Promise<string> {
  let answer = 'done'
  const unit = store.write(async (db) => {
    try {
      await db.run(sql.raw(statement))
    } catch (error) {
      answer = wordsOf(error)
      throw error
    }
  })
  await unit.catch(() => undefined)
  return answer
}

/** A driver's error may stand behind the one that is thrown. */
function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${wordsOf(error.cause)}` : ''
}

const columns =
  'subject_id, seq, ts, actor_kind, actor_id, action, target_kind, target_id, detail, request_id, prev, hash'

describe('A1 an audit row, once written, is refused', () => {
  test.each([
    ['UPDATE', "UPDATE audit_events SET action = 'x' WHERE seq = 2"],
    ['UPDATE that changes nothing', 'UPDATE audit_events SET action = action'],
    ['UPDATE FROM', 'UPDATE audit_events SET ts = other.ts FROM audit_events AS other WHERE other.seq = 1'],
    ['DELETE', 'DELETE FROM audit_events WHERE seq = 4'],
    ['DELETE of all', 'DELETE FROM audit_events'],
    [
      'UPSERT',
      `INSERT INTO audit_events (${columns}) SELECT ${columns} FROM audit_events WHERE seq = 4
       ON CONFLICT (subject_id, seq) DO UPDATE SET action = 'x'`,
    ],
  ])('to %s', async (_name, statement) => {
    const before = await entries()
    expect(await answerTo(statement)).toMatch(/append-only|no gaps|permission denied/)
    expect(await entries()).toEqual(before)
  })

  test('to leave a gap', async () => {
    const gap = `INSERT INTO audit_events (${columns}) SELECT subject_id, seq + 2, ts, actor_kind, actor_id, action,
      target_kind, target_id, detail, request_id, prev, hash FROM audit_events WHERE seq = 4`
    expect(await answerTo(gap)).toContain('no gaps')
  })

  test('to follow an entry that is not the one before it', async () => {
    const wrong = `INSERT INTO audit_events (${columns}) SELECT subject_id, seq + 1, ts, actor_kind, actor_id, action,
      target_kind, target_id, detail, request_id, prev, hash FROM audit_events WHERE seq = 4`
    expect(await answerTo(wrong)).toContain('no gaps')
    const begun = `INSERT INTO audit_events (${columns}) SELECT 'usr_other', 1, ts, actor_kind, actor_id, action,
      target_kind, target_id, detail, request_id, prev, hash FROM audit_events WHERE seq = 4`
    expect(await answerTo(begun)).toContain('no gaps')
  })
})

test('A1 the read side can write nothing at all', async () => {
  const attempt = async (statement: string) => store.read.run(sql.raw(statement))
  for (const statement of ['CREATE TABLE loot (a integer)', 'DELETE FROM users']) {
    const refusal: unknown = await attempt(statement).catch((error: unknown) => error)
    expect(wordsOf(refusal)).toMatch(/read-?only|25006/)
  }
})
