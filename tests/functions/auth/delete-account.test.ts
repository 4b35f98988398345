import { randomBytes } from 'node:crypto'
import SqliteDatabase from 'better-sqlite3'
import { getTableName } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../../core/ids.ts'
import { erasureList } from '../../../core/scope/erase-account.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { apiKeys, mailTokens, providerKeys, runs } from '../../../core/store/schema.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import { onPostgres } from '../../support/database.ts'
import { password } from '../../support/oort.ts'
import { type AuthLab, accountOf, addTotp, codeOf, freshAddress, openLab, totpCode } from './lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const key = 'sk-proj-canary-4f1bZq8Wn0TtYc2LkEo7'
const prompt = 'Write to my sister Theodora about the lighthouse at Kjeungskjær'
const output = 'Dear Theodora, the lighthouse keeper sends his warmest regards'

const scopeOf = async (email: string): Promise<UserScope> => (await accountOf(lab, email)).scope

/** Rows of the owner in every table that a deletion has to empty. */
async function furnish(scope: UserScope): Promise<void> {
  const now = lab.oort.platform.clock()
  const providerKeyId = newId('providerKey')
  await scope.write(async (tx) => {
    const provider = 'openai'
    const keyRow = { provider, label: 'mine', lastFour: 'kEo7', fingerprint: 'f', secret: key, updatedAt: now } as const
    await tx.insert(providerKeys, keyRow, { type: 'key.added', provider }, { id: providerKeyId })
    const apiKey = {
      name: 'program',
      hash: randomBytes(32),
      lastFour: 'abcd',
      scopes: ['runs:read'],
    } as const
    await tx.insert(apiKeys, apiKey, { type: 'api_key.issued', scopes: ['runs:read'] })
    const run = { providerKeyId, endpoint: 'runs', provider, model: 'gpt', state: 'succeeded', prompt, output } as const
    const instanceId = lab.oort.platform.instanceId
    const searchText = prompt
    await tx.insert(runs, { ...run, instanceId }, { type: 'run.started', providerKeyId }, { searchText })
    const purpose = 'verify_email'
    const link = { purpose, hash: randomBytes(32), expiresAt: now } as const
    await tx.insert(mailTokens, link, { type: 'mail_token.issued', purpose })
  })
}

/** Every value of the database that belongs to a user and is long enough to be told from chance. */
function bytesOf(connection: SqliteDatabase.Database, userId: string): Buffer[] {
  const owned = erasureList.map((table) => connection.prepare(`SELECT * FROM ${getTableName(table)} WHERE user_id = ?`))
  const rows = [...owned, connection.prepare('SELECT * FROM users WHERE id = ?')].flatMap((query) => query.all(userId))
  const values = rows.flatMap((row) => Object.values(row as Record<string, unknown>))
  return values.filter((value) => Buffer.isBuffer(value)).filter(({ length }) => length >= 12)
}

test.skipIf(onPostgres)(
  'D1 nothing of a deleted account is in any file of the database or in the log, with a reader open',
  async () => {
    const email = 'theodora.canary@example.com'
    const owner = await lab.oort.signedIn(email)
    const secret = await addTotp(lab, owner)
    const scope = await scopeOf(email)
    await furnish(scope)
    const passwordHash = await scope.passwordHash()

    const reader = new SqliteDatabase(`${lab.oort.dataDir}/oort.db`, { readonly: true })
    const stored = bytesOf(reader, scope.userId)
    const found = async (secrets: readonly (string | Buffer)[]) =>
      createByteSearch(secrets)(Buffer.concat([await bytesIn(lab.oort.dataDir), Buffer.from(lab.oort.log())]))
    expect((await found([...stored, passwordHash])).size).toBe(stored.length + 1)

    lab.pass(60_000)
    const code = totpCode(secret, lab.oort.platform.clock())
    const deleted = await owner.send('DELETE', '/api/auth/account', { body: { password, code } })
    const receipt = deleted.json<{ rowsDeleted: Record<string, number>; bytesErased: boolean }>()
    expect([deleted.status, receipt.bytesErased]).toEqual([200, true])
    expect(Object.keys(receipt.rowsDeleted)).toEqual([...erasureList.map((table) => getTableName(table)), 'users'])
    expect(receipt.rowsDeleted).toMatchObject({
      runs: 1,
      run_terms: 10,
      api_keys: 1,
      provider_keys: 1,
      mail_tokens: 1,
      second_factors: 1,
      sessions: 1,
      users: 1,
    })
    expect(owner.session).toBe('')
    expect(bytesOf(reader, scope.userId)).toEqual([])
    expect(await found([...stored, passwordHash, email, key, prompt, output, secret, password])).toEqual(new Set())
    reader.close()
  },
)

test('a deletion takes the password, and is the last entry of a chain that stays', async () => {
  const owner = await lab.oort.signedIn()
  const scope = await scopeOf(owner.email)
  const wrong = await owner.send('DELETE', '/api/auth/account', { body: { password: 'not the one that it is' } })
  expect(codeOf(wrong)).toBe('401 CREDENTIALS_REFUSED')
  expect(codeOf(await owner.send('DELETE', '/api/auth/account', { body: {} }))).toBe('400 BODY_INVALID')
  expect((await owner.get('/api/auth/me')).status).toBe(200)

  expect((await owner.send('DELETE', '/api/auth/account', { body: { password } })).status).toBe(200)
  const entries = await scope.audit({ limit: 100 })
  expect(entries.map(({ action }) => action).reverse()).toEqual([
    'user.signed_up',
    'device.noted',
    'session.started',
    'session.refused',
    'user.deleted',
  ])
  expect(JSON.stringify(entries)).not.toContain(owner.email)
  const signIn = { email: owner.email, password }
  expect(codeOf(await lab.oort.browser().post('/api/auth/sign-in', signIn, freshAddress()))).toBe(
    '401 CREDENTIALS_REFUSED',
  )
})

test('a deleted address can sign up again, and sees nothing of the old account', async () => {
  const owner = await lab.oort.signedIn()
  const before = (await owner.get('/api/auth/me')).json<{ id: string }>()
  await furnish(await scopeOf(owner.email))
  await owner.send('DELETE', '/api/auth/account', { body: { password } })

  const again = await lab.oort.signedIn(owner.email)
  const me = (await again.get('/api/auth/me')).json<{ id: string }>()
  expect(me.id).not.toBe(before.id)
  expect((await again.get('/api/auth/audit')).text).not.toContain(before.id)
  const scope = await scopeOf(owner.email)
  for (const table of [providerKeys, apiKeys, runs, mailTokens] as const) expect(await scope.count(table)).toBe(0)
})

test("another user's rows stay", async () => {
  const [owner, neighbour] = [await lab.oort.signedIn(), await lab.oort.signedIn()]
  const scope = await scopeOf(neighbour.email)
  await furnish(await scopeOf(owner.email))
  await furnish(scope)
  await owner.send('DELETE', '/api/auth/account', { body: { password } })
  for (const table of [providerKeys, apiKeys, runs, mailTokens] as const) expect(await scope.count(table)).toBe(1)
  expect((await neighbour.get('/api/auth/me')).status).toBe(200)
})
