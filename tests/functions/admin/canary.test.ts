import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insideOf } from '../../../core/platform.ts'
import { erasureList } from '../../../core/scope/erase-account.ts'
import { users } from '../../../core/store/schema.ts'
import { everythingOn, routesOf } from '../../security/route-table.ts'
import { type ByteSearch, createByteSearch } from '../../support/byte-search.ts'
import { scopeOf, seedKey, userByEmail } from '../../support/seed.ts'
import { openLab, type Person } from '../runs/lab.ts'
import { administrator } from './lab.ts'

const lab = await openLab({ oort: { env: everythingOn } })
afterAll(() => lab[Symbol.asyncDispose]())
const { oort } = lab

/** What a user wrote or holds. */
const written = {
  address: 'eudora.canary@example.com',
  key: 'sk-proj-canary-8d2kWq4Zn0RtYc7LmEo3',
  label: 'canary label of Eudora',
  program: 'canary program of Eudora',
  prompt: 'canary prompt about the lighthouse at Kjeungskjaer',
} as const

let admin: Person
let userId: Person['userId']
let search: ByteSearch
let ids: ReadonlySet<string>
beforeAll(async () => {
  admin = await administrator(lab)
  const browser = await oort.signedIn(written.address)
  userId = await userByEmail(oort.platform, written.address)
  const keyId = await seedKey(oort.platform, userId, 'openai', written.key)
  const done = [
    await browser.send('PATCH', `/api/keys/${keyId}`, { body: { label: written.label } }),
    await browser.post('/api/api-keys', { name: written.program, scopes: ['runs:read'] }),
    await browser.post('/api/runs', { model: 'gpt-5.4', prompt: written.prompt, stream: false }),
  ]
  expect(done.map(({ status }) => status)).toEqual([200, 201, 422])
  const values = await rowsOf(userId)
  ids = new Set(
    values.filter((value) => typeof value === 'string').filter((value) => /^[a-z]{3}_[\w-]{36}$/.test(value)),
  )
  // Every ciphertext, IV, tag and hash, and the texts that say more than a word of a fixed set.
  const blobs = values.filter((value) => Buffer.isBuffer(value)).filter(({ length }) => length >= 12)
  const texts = values.filter((value) => typeof value === 'string').filter((value) => value.startsWith('$argon2'))
  expect([blobs.length > 10, texts.length]).toEqual([true, 1])
  search = createByteSearch([...Object.values(written), ...blobs, ...texts])
})

/** All that the database holds of a user. */
async function rowsOf(owner: Person['userId']): Promise<unknown[]> {
  const { read } = insideOf(oort.platform).store
  const owned = erasureList.map((table) => read.select().from(table).where(eq(table.userId, owner)))
  const rows = await Promise.all([...owned, read.select().from(users).where(eq(users.id, owner))])
  return rows.flat().flatMap((row) => Object.values(row))
}

describe('D3 no answer to an administrator holds what a user wrote, sealed or not', () => {
  const routes = routesOf(oort).filter(({ operation }) => operation.access === 'admin')

  test.each(routes.map((route) => [route.name, route] as const))('%s', async (_name, { operation, path, body }) => {
    const address = path(operation.url.includes(':userId') ? userId : undefined)
    const queries = operation.url === '/api/admin/users' ? ['', `?query=${written.address}`] : ['']
    for (const query of queries) {
      const { method } = operation
      const answer = await admin.browser.send(method, address + query, operation.schema.body ? { body } : {})
      expect([401, 403, 500]).not.toContain(answer.status)
      expect([...search(Buffer.from(answer.text))]).toEqual([])
    }
  })

  test('nor does what the log tells of the user, which has ids in it', async () => {
    const answer = await admin.browser.get(`/api/admin/audit?subject=${userId}&limit=100`)
    expect([...search(Buffer.from(answer.text))]).toEqual([])
    expect([...ids].filter((id) => answer.text.includes(id)).length).toBeGreaterThan(3)
    expect((await scopeOf(oort.platform, userId).audit({ limit: 100 })).length).toBeGreaterThan(5)
  })

  test('and such a search finds what is there', async () => {
    const own = await admin.browser.get('/api/keys')
    expect(own.text).not.toBe('')
    expect([...search(Buffer.from(JSON.stringify({ to: written.address, note: written.prompt })))]).toHaveLength(2)
  })
})
