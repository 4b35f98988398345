import { eq, getTableColumns, getTableName, is, sql } from 'drizzle-orm'
import { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyChain } from '../../../core/audit/verify-chain.ts'
import type { OortError } from '../../../core/errors.ts'
import { newId, type ProviderKeyId, type RunId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { searchTerms } from '../../../core/runs/search-terms.ts'
import { createAdminScope } from '../../../core/scope/admin-scope.ts'
import { erasureList } from '../../../core/scope/erase-account.ts'
import { factsOf } from '../../../core/scope/owned-table.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import * as schema from '../../../core/store/schema.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

const { apiKeys, providerKeys, runs, sessions } = schema

let house: SmallHouse
let owner: UserScope
let other: UserScope

beforeAll(async () => {
  house = await openHouse()
  owner = await house.user()
  other = await house.user()
})

afterAll(() => house.close())

function addKey(scope: UserScope, secret = 'sk-secret-of-the-owner') {
  const facts = { provider: 'openai', label: 'mine', lastFour: 'wner', fingerprint: 'f', updatedAt: 0 } as const
  return scope.write((tx) => tx.insert(providerKeys, { ...facts, secret }, { type: 'key.added', provider: 'openai' }))
}

function addRun(scope: UserScope, prompt: string, model = 'gpt-5') {
  const facts = { endpoint: 'runs', provider: 'openai', model, state: 'succeeded' } as const
  const keyId: ProviderKeyId = newId('providerKey')
  const row = { ...facts, providerKeyId: keyId, prompt, excerpt: prompt, instanceId: newId('instance') }
  const event = { type: 'run.started', providerKeyId: keyId } as const
  return scope.write((tx) => tx.insert(runs, row, event, { searchText: prompt }))
}

describe("Z1 another user's row is, by every door of the scope, not there", () => {
  const missing = newId('providerKey')
  let id: ProviderKeyId

  beforeAll(async () => {
    id = (await addKey(owner)).id
  })

  const doors: [string, (scope: UserScope, id: ProviderKeyId) => Promise<unknown>][] = [
    ['find', (scope, key) => scope.find(providerKeys, key)],
    [
      'update',
      (scope, key) => scope.write((tx) => tx.update(providerKeys, key, { label: 'x' }, { type: 'key.relabelled' })),
    ],
    [
      'update of a sealed value',
      (scope, key) => scope.write((tx) => tx.update(providerKeys, key, { secret: 'x' }, { type: 'key.replaced' })),
    ],
    ['delete', (scope, key) => scope.write((tx) => tx.delete(providerKeys, key, { type: 'key.deleted' }))],
    [
      'unseal',
      (scope, key) =>
        scope.write((tx) => tx.unseal(providerKeys, key, 'secret', { type: 'key.used', purpose: 'models' })),
    ],
  ]

  test.each(doors)('%s', async (_name, through) => {
    const audited = await other.audit({ limit: 100 })
    const [foreign, absent] = await Promise.all(
      [id, missing].map((key) =>
        through(other, key).then(
          () => 'found',
          (error: OortError) => JSON.stringify([error.code, error.message, error.facts]),
        ),
      ),
    )
    expect(foreign).toBe(absent)
    expect(foreign).toContain('NOT_FOUND')
    expect(await other.audit({ limit: 100 })).toEqual(audited)
    expect(await owner.find(providerKeys, id)).toMatchObject({ label: 'mine', userId: owner.userId })
    await expect(
      owner.write((tx) => tx.unseal(providerKeys, id, 'secret', { type: 'key.used', purpose: 'models' })),
    ).resolves.toBe('sk-secret-of-the-owner')
  })

  test('list and count', async () => {
    expect(await other.list(providerKeys, { limit: 10 })).toEqual([])
    expect(await other.list(providerKeys, { where: { id }, limit: 10 })).toEqual([])
    expect(await other.count(providerKeys)).toBe(0)
  })

  test('update while it is as it was', async () => {
    const patch = { label: 'theirs' }
    const change = (scope: UserScope) =>
      scope.write((tx) => tx.updateWhile(providerKeys, id, { label: 'mine' }, patch, { type: 'key.relabelled' }))
    await expect(change(other)).resolves.toBe(false)
    expect(await owner.find(providerKeys, id)).toMatchObject({ label: 'mine' })
  })

  test('touch', async () => {
    const started = { device: 'x', authenticatedAt: 1, lastSeenAt: 1 }
    const session = await owner.write((tx) =>
      tx.insert(sessions, started, { type: 'session.started', method: 'password' }),
    )
    await other.touch(sessions, session.id, { lastSeenAt: 99 })
    expect((await owner.find(sessions, session.id)).lastSeenAt).toBe(1)
    await owner.touch(sessions, session.id, { lastSeenAt: 99 })
    expect((await owner.find(sessions, session.id)).lastSeenAt).toBe(99)
  })

  test('audit', async () => {
    expect(await other.audit({ targetId: id, limit: 10 })).toEqual([])
    expect((await owner.audit({ targetId: id, limit: 10 })).length).toBeGreaterThan(0)
  })
})

test('a row never carries ciphertext or a hash out of the scope', async () => {
  await addKey(owner)
  const issued = { name: 'n', hash: Buffer.alloc(32), lastFour: 'abcd', scopes: ['runs:read'] } as const
  const token = await owner.write((tx) => tx.insert(apiKeys, issued, { type: 'api_key.issued', scopes: ['runs:read'] }))
  const rows = [
    ...(await owner.list(providerKeys, { limit: 50 })),
    ...(await owner.list(apiKeys, { limit: 50 })),
    token,
  ]
  for (const row of rows) {
    expect(Object.keys(row).filter((name) => /hash|Iv$|Tag$|Ciphertext$|KeyVersion$|secret/.test(name))).toEqual([])
  }
})

describe('K4 a sealed value that was moved by hand does not open', () => {
  const move = (to: string, from: string) =>
    insideOf(house.platform).store.write(async (db) => {
      const columns = sql.raw(['key_version', 'iv', 'tag', 'ciphertext'].map((part) => `secret_${part}`).join(', '))
      await db.run(
        sql`UPDATE provider_keys SET (${columns}) = (SELECT ${columns} FROM provider_keys WHERE id = ${from})
            WHERE id = ${to}`,
      )
    })
  const open = (scope: UserScope, id: ProviderKeyId) =>
    scope.write((tx) => tx.unseal(providerKeys, id, 'secret', { type: 'key.used', purpose: 'models' }))

  test('to another row of the same user', async () => {
    const [a, b] = [await addKey(owner), await addKey(owner)]
    await move(a.id, b.id)
    await expect(open(owner, a.id)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' })
    await expect(open(owner, b.id)).resolves.toBe('sk-secret-of-the-owner')
  })

  test('to another user, or with another provider', async () => {
    const [mine, theirs] = [await addKey(owner), await addKey(other)]
    await move(theirs.id, mine.id)
    await expect(open(other, theirs.id)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' })
    await insideOf(house.platform).store.write(async (db) =>
      db.update(providerKeys).set({ provider: 'anthropic' }).where(eq(providerKeys.id, mine.id)),
    )
    await expect(open(owner, mine.id)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' })
  })
})

describe('history', () => {
  let reader: UserScope

  beforeAll(async () => {
    reader = await house.user()
    for (let count = 0; count < 25; count += 1) {
      await addRun(reader, `prompt ${count} about ${count % 2 === 0 ? 'comets' : 'planets'} and ice`, `m${count % 5}`)
    }
    await addRun(owner, 'another one about comets and ice')
  })

  async function allPages(options: { terms?: readonly Buffer[]; where?: { model: string } }) {
    const found: string[] = []
    for (;;) {
      const last = found.at(-1)
      const cursor = last === undefined ? {} : { before: last as RunId }
      const page = await reader.list(runs, { ...options, ...cursor, limit: 4 })
      found.push(...page.map(({ id }) => id))
      if (page.length < 4) return found
    }
  }

  const terms = (text: string, scope = reader) => searchTerms(insideOf(house.platform).keyring, scope.userId, text)

  test('pages are complete, newest first, without repetition', async () => {
    const found = await allPages({})
    expect(found).toHaveLength(25)
    expect(found).toEqual([...new Set(found)].sort().reverse())
  })

  test("search finds every run that holds all the words, and no one else's", async () => {
    expect(await allPages({ terms: terms('comets') })).toHaveLength(13)
    expect(await allPages({ terms: terms('ICE comets') })).toHaveLength(13)
    expect(await allPages({ terms: terms('comets planets') })).toHaveLength(0)
    expect(await allPages({ terms: terms('comets'), where: { model: 'm0' } })).toHaveLength(3)
    expect(await allPages({ terms: terms('comets', owner) })).toHaveLength(0)
  })

  test('the index holds no word, and equal words of two users do not look equal', () => {
    const [mine, theirs] = [terms('comets'), terms('comets', owner)]
    expect(mine[0]).not.toEqual(theirs[0])
    expect(mine[0]?.includes('comet')).toBe(false)
  })
})

describe('erasure', () => {
  const tables: readonly SQLiteTable[] = Object.values(schema).filter((each) => is(each, SQLiteTable))

  test('every table of the schema that names a user is in the erasure list', () => {
    const named = tables.filter((table) => 'userId' in getTableColumns(table)).map((table) => getTableName(table))
    expect([...erasureList].map((table) => getTableName(table)).sort()).toEqual(named.sort())
  })

  test('leaves no row of the user in any table, and the chain whole', async () => {
    const leaving = await house.user()
    await addKey(leaving)
    await addRun(leaving, 'the last prompt')
    const { rowsDeleted } = await leaving.write((tx) => tx.eraseAccount())
    expect(rowsDeleted).toMatchObject({ users: 1, provider_keys: 1, runs: 1, run_terms: 3 })
    const { store, keyring } = insideOf(house.platform)
    for (const table of erasureList) {
      const rows = await store.read.$count(table, eq(table.userId, leaving.userId))
      expect([getTableName(table), rows]).toEqual([getTableName(table), 0])
    }
    expect(await verifyChain(store.read, keyring, leaving.userId)).toMatchObject({ intact: true, chains: 1 })
    await expect(leaving.profile()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('administrators', () => {
  const asAdmin = (scope: UserScope) => createAdminScope(insideOf(house.platform), scope.userId, newId('request'))
  const promote = (scope: UserScope) =>
    scope.write((tx) =>
      tx.updateProfile({ role: 'admin' }, { type: 'user.role_changed', role: 'admin', reason: 'test' }),
    )

  test('Z2 the role is read anew for each scope', async () => {
    const admin = await house.user()
    await expect(asAdmin(admin)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await promote(admin)
    await expect(asAdmin(admin)).resolves.toMatchObject({ adminId: admin.userId })
    await admin.write((tx) =>
      tx.updateProfile({ role: 'user' }, { type: 'user.role_changed', role: 'user', reason: 'test' }),
    )
    await expect(asAdmin(admin)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('the last administrator stays one', async () => {
    const [one, two] = [await house.user(), await house.user()]
    await promote(one)
    await promote(two)
    const admin = await asAdmin(one)
    await admin.setRole(two.userId, 'user', 'test')
    await expect(admin.setRole(one.userId, 'user', 'test')).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await one.profile()).role).toBe('admin')
  })

  test('a suspension ends sessions and stands in the chain of the suspended', async () => {
    const [admin, bad] = [await house.user(), await house.user()]
    await promote(admin)
    const before = await bad.profile()
    await (await asAdmin(admin)).suspend(bad.userId, 'abuse')
    expect(await bad.profile()).toMatchObject({ status: 'suspended', epoch: before.epoch + 1 })
    expect(await bad.audit({ limit: 1 })).toMatchObject([{ action: 'user.suspended', actorKind: 'admin' }])
  })
})

test('every owned table has a kind of id and a userId', () => {
  for (const table of [sessions, schema.secondFactors, schema.mailTokens, providerKeys, apiKeys, runs]) {
    expect(factsOf(table).columns).toHaveProperty('userId')
  }
})
