import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyWriterPragmas } from '../../../../core/store/sqlite/pragmas.ts'
import { createWriter } from '../../../../core/store/sqlite/writer.ts'

const limits = { group: 4, queue: 100, unitMs: 50, lockMs: 150 }

let folder: string
let connection: Database
let other: Database

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-writer-'))
  const file = join(folder, 'test.db')
  connection = new SqliteDatabase(file, { timeout: 0 })
  applyWriterPragmas(connection)
  connection.exec('CREATE TABLE notes (text TEXT)')
  other = new SqliteDatabase(file, { timeout: 0 })
})

afterEach(async () => {
  other.close()
  connection.close()
  await rm(folder, { recursive: true, force: true })
})

const add = (text: string) => async (db: Database) => {
  db.prepare('INSERT INTO notes VALUES (?)').run(text)
}
const notes = () => other.prepare('SELECT text FROM notes ORDER BY rowid').pluck().all()

test('units of any number are done in the order in which they came, over as many groups as it takes', async () => {
  const writer = createWriter(connection, connection, limits)
  const texts = Array.from({ length: 99 }, (_, at) => `note ${at}`)
  await Promise.all(texts.map((text) => writer.write(add(text))))
  expect(notes()).toEqual(texts)
})

test('the event loop turns between groups, so that a long queue does not keep others waiting', async () => {
  const writer = createWriter(connection, connection, limits)
  let turns = 0
  const ticking = (async () => {
    for (; turns < 10; turns += 1) await nextTurn()
  })()
  await Promise.all(Array.from({ length: 40 }, (_, at) => writer.write(add(String(at)))))
  expect(turns).toBeGreaterThanOrEqual(9)
  await ticking
})

describe('a unit that does not come to an end', () => {
  test('is given up and rolled back, and those behind it are served', async () => {
    const writer = createWriter(connection, connection, limits)
    const stuck = writer.write(async (db) => {
      await add('lost')(db)
      await new Promise(() => {})
    })
    const behind = writer.write(add('kept'))
    await expect(stuck).rejects.toMatchObject({ code: 'INTERNAL' })
    await behind
    expect(notes()).toEqual(['kept'])
  })

  test('cannot write any more when it wakes', async () => {
    const writer = createWriter(connection, connection, limits)
    let wake = () => {}
    let outcome: Promise<void> | undefined
    const stuck = writer.write((db) => {
      outcome = new Promise<void>((resolve) => {
        wake = resolve
      }).then(() => add('late')(db))
      return outcome
    })
    await expect(stuck).rejects.toMatchObject({ code: 'INTERNAL' })
    wake()
    await expect(outcome).rejects.toThrow(TypeError)
    expect(notes()).toEqual([])
  })
})

describe('R3 a lock that another process holds', () => {
  test('is waited for without holding up the event loop', async () => {
    const writer = createWriter(connection, connection, { ...limits, lockMs: 5_000 })
    other.exec('BEGIN IMMEDIATE')
    const written = writer.write(add('kept'))
    const turned = await Promise.race([written.then(() => 'written'), nextTurn('turned')])
    other.exec('COMMIT')
    await written
    expect([turned, notes()]).toEqual(['turned', ['kept']])
  })

  test('is STORE_UNAVAILABLE when it is held too long, and the next unit is served', async () => {
    const writer = createWriter(connection, connection, limits)
    other.exec('BEGIN IMMEDIATE')
    await expect(writer.write(add('lost'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    other.exec('COMMIT')
    await writer.write(add('kept'))
    expect(notes()).toEqual(['kept'])
  })
})

test('a commit that fails fails every unit of its group, leaves nothing, and the next group is served', async () => {
  connection.exec(`CREATE TABLE parents (id INTEGER PRIMARY KEY);
    CREATE TABLE children (parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED)`)
  const writer = createWriter(connection, connection, limits)
  const orphan = async (db: Database) => {
    db.exec('INSERT INTO children VALUES (1)')
  }
  const outcomes = await Promise.allSettled([writer.write(add('lost')), writer.write(orphan)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await writer.write(add('kept'))
  expect(notes()).toEqual(['kept'])
})

test('a unit that throws before it returns a promise is rolled back like any other', async () => {
  const writer = createWriter(connection, connection, limits)
  const broken = writer.write(() => {
    throw new RangeError('broken')
  })
  await expect(broken).rejects.toThrow(RangeError)
  await writer.write(add('kept'))
  expect(notes()).toEqual(['kept'])
})

test('more than can be answered in time are turned away', async () => {
  const writer = createWriter(connection, connection, { ...limits, queue: 10 })
  const outcomes = await Promise.allSettled(Array.from({ length: 12 }, (_, at) => writer.write(add(String(at)))))
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(2)
  expect(outcomes.at(-1)).toMatchObject({ reason: { code: 'STORE_UNAVAILABLE' } })
  expect(notes()).toHaveLength(10)
})
