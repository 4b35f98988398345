import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SqliteDatabase from 'better-sqlite3'
import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ledgerFile } from '../../../core/deletions/deletion.ts'
import { deletionsInFile } from '../../../core/deletions/read-ledger.ts'
import { insideOf } from '../../../core/platform.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { apiKeys, providerKeys, runs, sessions, users } from '../../../core/store/schema.ts'
import { migrate } from '../../../core/store/sqlite/migrate.ts'
import { sqliteDb } from '../../../core/store/sqlite/open-sqlite.ts'
import { applyWriterPragmas } from '../../../core/store/sqlite/pragmas.ts'
import type { Db, Store } from '../../../core/store/store.ts'
import { unlockStore } from '../../../core/store/unlock.ts'
import { makeBackup } from '../../../infra/backup/make-backup.ts'
import { shipDeletions } from '../../../infra/backup/ship-deletions.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import { scopeOf, seedApiKey, seedKey } from '../../support/seed.ts'
import { openHouse } from '../../support/small-house.ts'
import { type Lab, openLab } from './lab.ts'

let lab: Lab
let owner: UserScope

beforeEach(async () => {
  lab = await openLab()
  owner = await lab.house.user()
})

afterEach(() => lab.close())

const platform = () => lab.house.platform
const ship = () => shipDeletions(lab.vault, lab.house.dataDir, { whole: false, now: Date.now() })

/** The ciphertexts that the database holds for rows of this id. */
async function ciphertextsOf(table: typeof users | typeof providerKeys | typeof runs, id: string): Promise<Buffer[]> {
  const [row = {}] = await insideOf(platform()).store.read.select().from(table).where(eq(sql`id`, id))
  return Object.entries(row).flatMap(([name, value]) => (name.endsWith('Ciphertext') && value ? [value as Buffer] : []))
}

async function seedRun(scope: UserScope, providerKeyId: string) {
  const facts = { endpoint: 'runs', provider: 'openai', model: 'gpt-5-mini', state: 'succeeded' } as const
  const prompt = 'why is the cloud round'
  const row = { ...facts, providerKeyId: providerKeyId as never, instanceId: platform().instanceId, prompt }
  const run = await scope.write((tx) =>
    tx.insert(runs, row, { type: 'run.started', providerKeyId: providerKeyId as never }, { searchText: prompt }),
  )
  return run.id
}

/** Opens what was restored. */
async function reopen(dataDir: string) {
  return openHouse({ dataDir, env: { ...lab.house.env, OORT_DATA_DIR: dataDir } })
}

test('D2 a restore re-applies deletions of accounts, keys and runs, with fresh entries and without their bytes', async () => {
  const gone = await lab.house.user()
  await seedKey(platform(), gone.userId, 'anthropic')
  const [keyId, stays] = [
    await seedKey(platform(), owner.userId, 'openai'),
    await seedKey(platform(), owner.userId, 'openai'),
  ]
  const runId = await seedRun(owner, keyId)
  const { id: tokenId } = await seedApiKey(platform(), owner.userId)
  const erased = [
    ...(await ciphertextsOf(users, gone.userId)),
    ...(await ciphertextsOf(providerKeys, keyId)),
    ...(await ciphertextsOf(runs, runId)),
  ]
  const kept = await ciphertextsOf(providerKeys, stays)
  await lab.backUp()

  await owner.write((tx) => tx.delete(providerKeys, keyId, { type: 'key.deleted' }))
  await owner.write((tx) => tx.delete(runs, runId, { type: 'run.deleted' }))
  await owner.write((tx) => tx.delete(apiKeys, tokenId, { type: 'api_key.revoked' }))
  await gone.write((tx) => tx.eraseAccount())
  await ship()

  const into = await lab.folder()
  const { reapplied, chain, rows } = await lab.restore({ into })
  expect(reapplied).toEqual({ 'key.deleted': 1, 'run.deleted': 1, 'api_key.revoked': 1, 'user.deleted': 1 })
  expect(chain).toMatchObject({ intact: true })
  expect(rows).toMatchObject({ users: 1, provider_keys: 1, runs: 0, run_terms: 0, api_keys: 0 })
  const search = createByteSearch([...erased, ...kept])
  expect(search(await bytesIn(into))).toEqual(new Set([erased.length]))

  const again = await reopen(into)
  const [last] = await scopeOf(again.platform, owner.userId).audit({ action: 'run.deleted', limit: 1 })
  expect(last).toMatchObject({ actorKind: 'system', targetId: runId })
  await again.close()
})

test('D2 a deletion that the target was not told of yet is taken from the ledger that the lost database left', async () => {
  await lab.backUp()
  await owner.write((tx) => tx.eraseAccount())
  const into = await lab.folder()
  await copyFile(join(lab.house.dataDir, ledgerFile), join(into, ledgerFile))
  const { reapplied } = await lab.restore({ into })
  expect(reapplied).toEqual({ 'user.deleted': 1 })
  // It goes on, so that the next backup sends what the target lacks.
  const told = await Array.fromAsync(deletionsInFile(join(into, ledgerFile)))
  expect(told.map(({ targetId }) => targetId)).toContain(owner.userId)
})

test('D2 the old secret of a key that was replaced since does not come back; one replaced before stays', async () => {
  const [before, since] = [
    await seedKey(platform(), owner.userId, 'openai'),
    await seedKey(platform(), owner.userId, 'openai'),
  ]
  const replace = (keyId: typeof before, secret: string) =>
    owner.write((tx) => tx.update(providerKeys, keyId, { secret }, { type: 'key.replaced' }))
  await replace(before, 'sk-one-that-was-put-there-before')
  await lab.backUp()
  await replace(since, 'sk-one-that-was-put-there-since')
  await ship()
  const into = await lab.folder()
  expect((await lab.restore({ into })).reapplied).toEqual({ 'key.replaced': 1 })
  const again = await reopen(into)
  const keys = await scopeOf(again.platform, owner.userId).list(providerKeys, { limit: 10 })
  expect(keys.map(({ id }) => id)).toEqual([before])
  await again.close()
})

test('D2 an administrator who was deleted since is deleted again, though the copy knows no other', async () => {
  const { store } = insideOf(platform())
  await store.write(async (db) => db.update(users).set({ role: 'admin' }).where(eq(users.id, owner.userId)))
  await lab.backUp()
  await store.write(async (db) => db.update(users).set({ role: 'user' }))
  await owner.write((tx) => tx.eraseAccount())
  await ship()
  expect(await lab.restore()).toMatchObject({ reapplied: { 'user.deleted': 1 }, rows: { users: 0 } })
})

test('D2 deletions are known to a restore from any backup that is left, over a restore before', async () => {
  const { manifest: first } = await lab.backUp()
  const other = await lab.house.user()
  const { manifest: second } = await lab.backUp()
  await other.write((tx) => tx.eraseAccount())
  await ship()
  // Back to the first, in which the account never was; what then happens is told in a ledger of its own.
  const into = await lab.folder()
  await lab.restore({ backup: first.id, into })
  await lab.house.platform.close()
  await makeBackup(lab.vault, { dataDir: into, keepDays: 30 })
  expect(await lab.restore({ backup: second.id })).toMatchObject({
    reapplied: { 'user.deleted': 1 },
    rows: { users: 1 },
  })
})

test('S1 nobody is signed in after a restore: a session that was ended since would be alive', async () => {
  const row = { device: 'a browser', authenticatedAt: 0, lastSeenAt: 0 }
  await owner.write((tx) => tx.insert(sessions, row, { type: 'session.started', method: 'password' }))
  const { epoch } = await owner.profile()
  await lab.backUp()
  const into = await lab.folder()
  expect(await lab.restore({ into })).toMatchObject({ signedOut: 1, rows: { sessions: 0 } })
  const again = await reopen(into)
  expect((await scopeOf(again.platform, owner.userId).profile()).epoch).toBe(epoch + 1)
  await again.close()
})

test('a restore never overwrites a database, neither one in use nor one at rest', async () => {
  await lab.backUp()
  const { dataDir } = lab.house
  await expect(lab.restore({ into: dataDir })).rejects.toThrow('has a database already')
  await lab.house.platform.close()
  const before = readFileSync(join(dataDir, 'oort.db'))
  await expect(lab.restore({ into: dataDir })).rejects.toThrow('has a database already')
  expect(readFileSync(join(dataDir, 'oort.db')).equals(before)).toBe(true)
})

test('a restore does not put a database beside a log that is of another', async () => {
  await lab.backUp()
  const into = await lab.folder()
  await writeFile(join(into, 'oort.db-wal'), 'of another database')
  await expect(lab.restore({ into })).rejects.toThrow('oort.db-wal')
})

test('R5 a rehearsal does all of it beside the running database, and keeps nothing', async () => {
  await seedKey(platform(), owner.userId, 'openai')
  await lab.backUp(() => Date.now() - 60_000)
  await owner.write((tx) => tx.eraseAccount())
  const files = readdirSync(lab.house.dataDir).sort()
  const rehearsed = await lab.restore({ into: undefined })
  expect(rehearsed).toMatchObject({ reapplied: { 'user.deleted': 1 }, chain: { intact: true }, rows: { users: 0 } })
  expect(rehearsed.age).toBeGreaterThanOrEqual(60_000)
  expect(readdirSync(lab.house.dataDir).sort()).toEqual(files)
})

test('a backup of an older schema is migrated when it is restored', async () => {
  const migrations = fileURLToPath(new URL('../../../core/store/migrations/sqlite', import.meta.url))
  const older = join(await lab.folder(), 'migrations')
  cpSync(migrations, older, { recursive: true })
  const journal = join(older, 'meta', '_journal.json')
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8')) as { entries: object[] }
  writeFileSync(journal, JSON.stringify({ ...rest, entries: entries.slice(0, 6) }))
  const dataDir = await lab.folder()
  const raw = new SqliteDatabase(join(dataDir, 'oort.db'))
  applyWriterPragmas(raw)
  migrate(raw, older)
  // The two members that the unlocking of a database works with.
  const db = sqliteDb(raw)
  const store = { read: db, write: (unit: (db: Db) => Promise<unknown>) => unit(db) } as unknown as Store
  await unlockStore(store, { current: lab.config.secrets.byokMasterKey }, Date.now())
  raw.close()

  const { manifest } = await makeBackup(lab.vault, { dataDir, keepDays: 30 })
  const into = await lab.folder()
  const restored = await lab.restore({ backup: manifest.id, into })
  expect([manifest.schemaVersion, restored.schemaVersion]).toEqual([6, entries.length])
  await (await reopen(into)).close()
  expect(existsSync(join(into, 'scratch'))).toBe(false)
})
