import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../../../core/ids.ts'
import { instances, providerKeys, runs } from '../../../../core/store/schema.ts'
import { openSqlite, type SqliteStore } from '../../../../core/store/sqlite/open-sqlite.ts'
import { applyWriterPragmas } from '../../../../core/store/sqlite/pragmas.ts'
import { rewriteSealedTables } from '../../../../core/store/sqlite/rewrite-table.ts'

let folder: string
let store: SqliteStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-traces-'))
  store = openSqlite(folder)
  await store.write(async (db) => {
    db.$client.exec(`INSERT INTO users (id, email_index, email_key_version, email_iv, email_tag, email_ciphertext,
      password_hash, created_at) VALUES ('usr_1', x'00', 1, x'', x'', x'', '', 0)`)
  })
})

afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})

/** Random ciphertexts of the lengths that keys and prompts have, a few of them longer than a page. */
function ciphertext(): Buffer {
  return randomBytes(Math.random() < 0.1 ? 6_000 : 60 + Math.floor(Math.random() * 600))
}

/**
 * Adds, replaces and deletes rows at random, at both ends and in the middle, so that SQLite keeps moving rows between
 * pages. Answers the ciphertexts that are gone and those that remain.
 */
function churn(db: Database, rounds: number) {
  const alive = new Map<string, Buffer>()
  const gone: Buffer[] = []
  const insert = db.prepare(`INSERT INTO provider_keys
    VALUES (?, 'usr_1', 'openai', 'label', '1234', 'fingerprint', 1, x'00', x'00', ?, NULL, 0, 0)`)
  const replace = db.prepare('UPDATE provider_keys SET secret_ciphertext = ? WHERE id = ?')
  const remove = db.prepare('DELETE FROM provider_keys WHERE id = ?')
  for (let round = 0; round < rounds; round += 1) {
    const dice = Math.random()
    // The first stays, so that some remain whatever the dice say.
    const [id, old] = [...alive].slice(1)[Math.floor(Math.random() * (alive.size - 1))] ?? []
    if (id === undefined || old === undefined || dice < 0.45) {
      const [fresh, bytes] = [newId('providerKey'), ciphertext()]
      insert.run(fresh, bytes)
      alive.set(fresh, bytes)
    } else {
      gone.push(old)
      if (dice < 0.6) {
        const bytes = ciphertext()
        replace.run(bytes, id)
        alive.set(id, bytes)
      } else {
        remove.run(id)
        alive.delete(id)
      }
    }
  }
  return { alive, gone }
}

function files(): Buffer {
  const all = ['', '-wal', '-shm'].map((suffix) => `${store.file}${suffix}`).filter((file) => existsSync(file))
  return Buffer.concat(all.map((file) => readFileSync(file)))
}

/** How many of the values are to be found by their beginning or their end. */
function found(bytes: Buffer, values: Iterable<Buffer>): number {
  return [...values].filter((value) => bytes.includes(value.subarray(0, 24)) || bytes.includes(value.subarray(-24)))
    .length
}

describe('D1 the ciphertext of a row that was deleted or replaced', () => {
  test('is in none of the files, while the rows that stay are untouched', async () => {
    const { alive, gone } = await store.write(async (db) => churn(db.$client, 4_000))
    expect(await store.eraseTraces([providerKeys])).toBe(true)
    const bytes = files()
    expect(gone.length).toBeGreaterThan(1_500)
    expect([found(bytes, gone), found(bytes, alive.values())]).toEqual([0, alive.size])
    const kept = await store.read
      .select({ id: providerKeys.id, bytes: providerKeys.secretCiphertext })
      .from(providerKeys)
    expect(new Map(kept.map((row) => [row.id, row.bytes]))).toEqual(alive)
  })

  test('is gone while writes go on, and every call is answered true', async () => {
    const { gone } = await store.write(async (db) => churn(db.$client, 1_000))
    let writing = true
    const load = (async () => {
      for (let count = 0; writing; count += 1) {
        const row = { id: newId('instance'), host: `h${count}`, pid: 1, startedAt: 0, heartbeatAt: 0 }
        await store.write(async (db) => db.insert(instances).values(row))
      }
      return true
    })()
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.eraseTraces()))
    writing = false
    await load
    expect(answers).toEqual(answers.map(() => true))
    expect(found(files(), gone)).toBe(0)
  })

  test('is gone a moment after a reader let go, though the answer had to be false', async () => {
    const { alive } = await store.write(async (db) => churn(db.$client, 50))
    const reader = new SqliteDatabase(store.file, { readonly: true })
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM users').get()
    await store.write(async (db) => db.$client.exec('DELETE FROM provider_keys'))
    expect(await store.eraseTraces()).toBe(false)
    expect(found(files(), alive.values())).toBeGreaterThan(0)
    reader.close()
    await expect.poll(() => found(files(), alive.values()), { timeout: 5_000 }).toBe(0)
  })
})

/** Adds runs whose prompts have so many bytes each. */
const addRuns = (count: number, promptBytes: number) =>
  store.write(async (db) => {
    db.$client.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      INSERT INTO runs (id, user_id, provider_key_id, endpoint, provider, model, state, prompt_key_version, prompt_iv,
        prompt_tag, prompt_ciphertext, excerpt_key_version, excerpt_iv, excerpt_tag, excerpt_ciphertext, instance_id,
        created_at)
      SELECT 'run_' || i, 'usr_1', 'key_1', 'runs', 'openai', 'm', 'failed', 1, x'', x'', randomblob(${promptBytes}), 1,
        x'', x'', x'', 'i', 0
      FROM n`)
  })

test.each([
  ['rows', 20_001, 1],
  ['bytes', 5, 8_000_000],
])('D1 a table that has too many %s to be rewritten at once is owned up to, and holds up no other', async (...of) => {
  const [, count, promptBytes] = of
  await addRuns(count, promptBytes)
  const { gone } = await store.write(async (db) => churn(db.$client, 100))
  expect(await store.eraseTraces([runs])).toBe(false)
  expect(await store.eraseTraces([providerKeys])).toBe(true)
  expect(found(files(), gone)).toBe(0)
})

test('D1 a table of long values below that is rewritten', async () => {
  await addRuns(4, 8_000_000)
  expect(await store.eraseTraces([runs])).toBe(true)
})

test('rewriting keeps every row, reference and row number, and leaves foreign keys on', async () => {
  await store.close()
  const db = new SqliteDatabase(store.file)
  applyWriterPragmas(db)
  churn(db, 300)
  const all = () => ['users', 'provider_keys'].map((table) => db.prepare(`SELECT rowid, * FROM ${table}`).all())
  const before = all()
  expect(rewriteSealedTables(db)).toEqual([])
  expect(all()).toEqual(before)
  expect([db.pragma('foreign_keys', { simple: true }), db.pragma('foreign_key_check')]).toEqual([1, []])
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  db.close()
})
