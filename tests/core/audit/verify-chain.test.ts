import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkpointFile, checkpointKey } from '../../../core/audit/checkpoint.ts'
import { hashEntry } from '../../../core/audit/entry.ts'
import { readCheckpoints } from '../../../core/audit/read-checkpoints.ts'
import { type Verdict, verifyChain, verifyChains } from '../../../core/audit/verify-chain.ts'
import { createKeyring, type Keyring } from '../../../core/crypto/keyring.ts'
import type { UserId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { databaseName, sqliteDb } from '../../../core/store/sqlite/open-sqlite.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

/** Each of two users has an account and nine further events. */
const length = 10

let house: SmallHouse
let keyring: Keyring
let evidence: string
let first: UserId
let second: UserId

beforeAll(async () => {
  house = await openHouse()
  keyring = insideOf(house.platform).keyring
  const scopes = [await house.user(), await house.user()]
  for (let count = 1; count < length; count += 1) {
    for (const scope of scopes) {
      await scope.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
    }
  }
  ;[first, second] = scopes.map(({ userId }) => userId).sort() as [UserId, UserId]
  // Closing writes the last checkpoint.
  await house.platform.close()
  evidence = await readFile(join(house.dataDir, checkpointFile), 'utf8')
})

afterAll(() => rm(house.dataDir, { recursive: true, force: true }))

/** What the verifier says of a copy of the database that an attacker has had in hand, triggers and all. */
async function verdictAfter(
  attack: (stolen: Database) => void,
  options: { readonly checkpoints?: string; readonly only?: UserId } = {},
): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'oort-attack-'))
  const file = join(folder, databaseName)
  await copyFile(join(house.dataDir, databaseName), file)
  await writeFile(join(folder, checkpointFile), options.checkpoints ?? evidence)
  const stolen = new SqliteDatabase(file)
  try {
    const triggers = stolen.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all()
    for (const trigger of triggers) stolen.exec(`DROP TRIGGER ${String(trigger)}`)
    attack(stolen)
    const checkpoints = await readCheckpoints(join(folder, checkpointFile), checkpointKey(keyring))
    const db = sqliteDb(stolen)
    return options.only === undefined
      ? await verifyChains(db, keyring, checkpoints)
      : await verifyChain(db, keyring, options.only, checkpoints)
  } finally {
    stolen.close()
    await rm(folder, { recursive: true, force: true })
  }
}

test('an untouched log is intact, and every row of it is witnessed', async () => {
  expect(await verdictAfter(() => {})).toEqual({ intact: true, chains: 2, rows: 2 * length, unwitnessed: 0 })
})

describe('A2 the first bad row is named after', () => {
  test.each([
    ['ts', 'ts + 1'],
    ['actor_kind', "'system'"],
    ['actor_id', "'usr_other'"],
    ['action', "'user.suspended'"],
    ['target_kind', "'runs'"],
    ['target_id', "'run_other'"],
    ['detail', `'{"reason":"suspended"}'`],
    ['request_id', "'req_other'"],
    ['hash', 'zeroblob(32)'],
  ])('an edit of %s', async (column, value) => {
    const attack = (stolen: Database) =>
      stolen.prepare(`UPDATE audit_events SET ${column} = ${value} WHERE subject_id = ? AND seq = 4`).run(first)
    expect(await verdictAfter(attack)).toMatchObject({ intact: false, fault: 'edited', subjectId: first, seq: 4 })
  })

  test('a dropped row', async () => {
    const attack = (stolen: Database) =>
      stolen.prepare('DELETE FROM audit_events WHERE subject_id = ? AND seq = 5').run(second)
    expect(await verdictAfter(attack)).toMatchObject({ fault: 'dropped', subjectId: second, seq: 5 })
  })

  test('a dropped row whose followers were moved up', async () => {
    const attack = (stolen: Database) => {
      stolen.prepare('DELETE FROM audit_events WHERE subject_id = ? AND seq = 5').run(second)
      for (let seq = 6; seq <= length; seq += 1) {
        stolen.prepare('UPDATE audit_events SET seq = seq - 1 WHERE subject_id = ? AND seq = ?').run(second, seq)
      }
    }
    expect(await verdictAfter(attack)).toMatchObject({ fault: 'dropped', subjectId: second, seq: 5 })
  })

  test('two rows that changed places', async () => {
    const attack = (stolen: Database) => {
      const move = stolen.prepare('UPDATE audit_events SET seq = ? WHERE subject_id = ? AND seq = ?')
      move.run(99, first, 3)
      move.run(3, first, 7)
      move.run(7, first, 99)
    }
    expect(await verdictAfter(attack)).toMatchObject({ fault: 'reordered', subjectId: first, seq: 3 })
  })

  test('a row that was slipped in', async () => {
    const attack = (stolen: Database) => {
      for (let seq = length; seq >= 6; seq -= 1) {
        stolen.prepare('UPDATE audit_events SET seq = seq + 1 WHERE subject_id = ? AND seq = ?').run(first, seq)
      }
      stolen
        .prepare(
          `INSERT INTO audit_events SELECT subject_id, 6, ts, actor_kind, actor_id, 'key.deleted', target_kind,
           target_id, detail, request_id, prev, randomblob(32) FROM audit_events WHERE subject_id = ? AND seq = 5`,
        )
        .run(first)
    }
    expect(await verdictAfter(attack)).toMatchObject({ fault: 'inserted', subjectId: first, seq: 6 })
  })

  test('an edit of a chain whose last row was moved beyond all counting', async () => {
    const attack = (stolen: Database) => {
      stolen.prepare('UPDATE audit_events SET ts = 0 WHERE subject_id = ? AND seq = 4').run(first)
      stolen.prepare('UPDATE audit_events SET seq = 1e15 WHERE subject_id = ? AND seq = ?').run(first, length)
    }
    expect(await verdictAfter(attack)).toMatchObject({ fault: 'edited', subjectId: first, seq: 4 })
  })

  test('a row that was put where no honest row lies on disk', async () => {
    const attack = (stolen: Database) =>
      stolen
        .prepare(
          `INSERT INTO audit_events (rowid, subject_id, seq, ts, actor_kind, actor_id, action, target_kind, target_id,
             detail, request_id, prev, hash)
           SELECT -7, subject_id, seq + 1, ts, actor_kind, actor_id, action, target_kind, target_id, detail, request_id,
             hash, randomblob(32) FROM audit_events WHERE subject_id = ? AND seq = ?`,
        )
        .run(second, length)
    expect(await verdictAfter(attack)).toMatchObject({ fault: 'edited', subjectId: second, seq: length + 1 })
  })

  test.each([
    ['in a chain of no name', () => '', -1],
    ['before the first of a chain', () => first, 0],
    ['before the first of a chain, far below', () => second, -4],
  ])('a row that was put %s', async (_where, subject, seq) => {
    const attack = (stolen: Database) =>
      stolen
        .prepare(
          `INSERT INTO audit_events SELECT ?, ?, ts, actor_kind, actor_id, 'user.deleted', target_kind, target_id, detail,
             request_id, prev, hash FROM audit_events WHERE subject_id = ? AND seq = 1`,
        )
        .run(subject(), seq, second)
    expect(await verdictAfter(attack)).toMatchObject({ intact: false, subjectId: subject(), seq: 1 })
  })

  test('a tail that was cut off', async () => {
    const attack = (stolen: Database) =>
      stolen.prepare('DELETE FROM audit_events WHERE subject_id = ? AND seq > 7').run(second)
    expect(await verdictAfter(attack)).toMatchObject({ fault: 'truncated', subjectId: second, seq: 8 })
  })

  test('a chain that is gone', async () => {
    const attack = (stolen: Database) => stolen.prepare('DELETE FROM audit_events WHERE subject_id = ?').run(first)
    expect(await verdictAfter(attack)).toMatchObject({ fault: 'truncated', subjectId: first, seq: 1 })
    expect(await verdictAfter(attack, { only: first })).toMatchObject({ fault: 'truncated', seq: 1 })
    expect(await verdictAfter(attack, { only: second })).toMatchObject({ intact: true, rows: length })
  })

  test('a rebuild of a whole chain by somebody who has the audit key', async () => {
    const attack = (stolen: Database) => rebuild(stolen, first)
    expect(await verdictAfter(attack)).toMatchObject({ fault: 'rebuilt', subjectId: first })
  })
})

test('a log whose rows lie on disk in another order is intact: the chains are what counts', async () => {
  const attack = (stolen: Database) => stolen.exec('UPDATE audit_events SET rowid = 1000 - rowid')
  expect(await verdictAfter(attack)).toMatchObject({ intact: true, chains: 2, rows: 2 * length, unwitnessed: 0 })
})

test('A2 a chain rebuilt with the audit key would pass without checkpoints: they are what finds it', async () => {
  const attack = (stolen: Database) => rebuild(stolen, first)
  expect(await verdictAfter(attack, { checkpoints: '' })).toMatchObject({ intact: true })
})

describe('A2 checkpoints are not believed', () => {
  test('when a line was changed', async () => {
    const changed = evidence.replace(/"rows":\d+/, '"rows":1')
    expect(await verdictAfter(() => {}, { checkpoints: changed })).toEqual({
      intact: false,
      fault: 'checkpoint_broken',
      line: 1,
    })
  })

  test('when a line is missing', async () => {
    const lines = evidence.trimEnd().split('\n')
    const without = `${lines[0]}\n${lines[0]}\n`
    expect(await verdictAfter(() => {}, { checkpoints: without })).toMatchObject({
      fault: 'checkpoint_broken',
      line: 2,
    })
  })
})

test('A2 a log of another root verifies nowhere: its hashes need the key', async () => {
  const foreign = createKeyring({ current: { version: 1, secret: 'x'.repeat(40) }, root: new Uint8Array(32) })
  const copy = new SqliteDatabase(join(house.dataDir, databaseName), { readonly: true })
  try {
    expect(await verifyChains(sqliteDb(copy), foreign)).toMatchObject({
      intact: false,
      subjectId: first,
      seq: 1,
    })
  } finally {
    copy.close()
  }
})

/** Writes a chain anew with one event changed and every hash right. */
function rebuild(stolen: Database, subject: UserId): void {
  const columns = `subject_id AS subjectId, seq, ts, actor_kind AS actorKind, actor_id AS actorId, action,
    target_kind AS targetKind, target_id AS targetId, detail, request_id AS requestId`
  const rows = stolen.prepare(`SELECT ${columns} FROM audit_events WHERE subject_id = ? ORDER BY seq`).all(subject)
  let prev = Buffer.alloc(32)
  for (const row of rows as Omit<Parameters<typeof hashEntry>[1], 'prev'>[]) {
    const entry = { ...row, action: row.seq === 4 ? 'user.signed_up' : row.action, prev }
    const hash = hashEntry(keyring, entry)
    stolen
      .prepare('UPDATE audit_events SET action = ?, prev = ?, hash = ? WHERE subject_id = ? AND seq = ?')
      .run(entry.action, prev, hash, subject, row.seq)
    prev = Buffer.from(hash)
  }
}
