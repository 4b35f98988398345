import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { minute } from '../../../core/clock.ts'
import { newId } from '../../../core/ids.ts'
import { providers } from '../../../core/providers/provider.ts'
import { onPostgres } from '../../support/database.ts'
import {
  addKey,
  freshKey,
  issueKey,
  type KeysLab,
  listKeys,
  openLab,
  refusedKey,
  type StoredKey,
  usesOf,
  withoutRequestId,
} from './lab.ts'

let lab: KeysLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.emulator.reset())

/** The operations on one key: method, what follows its address, and a body. */
const operations = [
  ['GET', '', undefined],
  ['POST', '/verify', undefined],
  ['PUT', '', { key: freshKey() }],
  ['PATCH', '', { label: 'mine' }],
  ['DELETE', '', undefined],
  ['GET', '/uses', undefined],
] as const

describe('every operation on a key', () => {
  test.each(operations)(
    'Z1 %s …%s answers the same bytes for a foreign key as for none',
    async (method, rest, body) => {
      const [owner, other] = [await lab.oort.signedIn(), await lab.oort.signedIn()]
      const key = await addKey(owner)
      const sent = body === undefined ? {} : { body }
      const foreign = await other.send(method, `/api/keys/${key.id}${rest}`, sent)
      const missing = await other.send(method, `/api/keys/${newId('providerKey')}${rest}`, sent)
      expect(foreign.status).toBe(404)
      expect(withoutRequestId(foreign)).toEqual(withoutRequestId(missing))
      expect(await listKeys(owner)).toEqual([key])
      expect(lab.emulator.requests).toEqual([])
    },
  )

  test.each(operations)('%s …%s takes a session: neither nobody nor an API key may', async (method, rest, body) => {
    const owner = await lab.oort.signedIn()
    const key = await addKey(owner)
    const { token } = await issueKey(owner, { scopes: ['runs:create', 'runs:read', 'runs:delete', 'models:read'] })
    const sent = body === undefined ? {} : { body }
    const nobody = await lab.oort.browser().send(method, `/api/keys/${key.id}${rest}`, sent)
    expect([nobody.status, nobody.json()['code']]).toEqual([401, 'UNAUTHENTICATED'])
    const headers = { authorization: `Bearer ${token}` }
    const program = await lab.oort.browser().send(method, `/api/keys/${key.id}${rest}`, { ...sent, headers })
    expect([program.status, program.json()['code']]).toEqual([403, 'FORBIDDEN'])
    expect(await listKeys(owner)).toEqual([key])
  })

  test.each(operations)('%s …%s refuses an id of another kind', async (method, rest, body) => {
    const user = await lab.oort.signedIn()
    const sent = body === undefined ? {} : { body }
    for (const id of [newId('run'), newId('user'), 'key_1', `${newId('providerKey')}%00`, '..%2fx']) {
      expect((await user.send(method, `/api/keys/${id}${rest}`, sent)).status).toBe(400)
    }
  })

  test('the list holds the own keys alone, newest first', async () => {
    const [owner, other] = [await lab.oort.signedIn(), await lab.oort.signedIn()]
    const first = await addKey(owner)
    const second = await addKey(owner, freshKey('cerebras'), { provider: 'cerebras' })
    await addKey(other)
    expect((await listKeys(owner)).map(({ id }) => id)).toEqual([second.id, first.id])
  })
})

describe('verifying a stored key', () => {
  test.each(providers)('opens it for %s alone, and each opening stands in its ledger', async (provider) => {
    const user = await lab.oort.signedIn()
    const key = freshKey(provider)
    const { id } = await addKey(user, key, { provider })
    const answer = await user.post(`/api/keys/${id}/verify`)
    expect(answer.status).toBe(200)
    const stored = answer.json<StoredKey>()
    expect(stored.verifiedAt).toEqual(expect.any(Number))
    expect(stored.lastUsedAt).toEqual(expect.any(Number))
    expect(lab.emulator.requests.map((request) => request.provider)).toEqual([provider])
    expect(JSON.stringify(lab.emulator.requests[0]?.headers)).toContain(key)
    expect(await usesOf(user, id)).toMatchObject([
      { action: 'key.verified', by: 'user', purpose: null },
      { action: 'key.used', by: 'user', purpose: 'verification' },
      { action: 'key.added', by: 'user', purpose: null },
    ])
  })

  test('a key that the provider refuses is kept, no longer counts as verified, and its ledger tells', async () => {
    const user = await lab.oort.signedIn()
    const { id } = await addKey(user, freshKey(), { verify: true })
    lab.emulator.script('openai', 'error-401')
    const answer = await user.post(`/api/keys/${id}/verify`)
    expect(answer.status).toBe(422)
    expect(answer.json()).toMatchObject({ code: 'PROVIDER_KEY_REFUSED', providerStatus: 401 })
    expect(await listKeys(user)).toMatchObject([{ id, verifiedAt: null }])
    expect((await usesOf(user, id)).map(({ action }) => action)).toEqual(['key.refused', 'key.used', 'key.added'])
  })

  test('a provider that cannot be reached proves nothing: the key stays verified, the opening is noted', async () => {
    const user = await lab.oort.signedIn()
    const before = await addKey(user, freshKey(), { verify: true })
    lab.emulator.script('openai', 'hangup')
    const answer = await user.post(`/api/keys/${before.id}/verify`)
    expect([answer.status, answer.json()['code']]).toEqual([502, 'PROVIDER_UNREACHABLE'])
    expect(await listKeys(user)).toMatchObject([{ verifiedAt: before.verifiedAt }])
    expect((await usesOf(user, before.id)).map(({ action }) => action)).toEqual(['key.used', 'key.added'])
  })

  test("a key that is replaced while the provider is asked is not marked by the old one's answer", async () => {
    const user = await lab.oort.signedIn()
    const { id } = await addKey(user)
    // The second try comes a second after the first.
    lab.emulator.script('openai', 'error-429')
    const verifying = user.post(`/api/keys/${id}/verify`)
    await expect.poll(() => lab.emulator.requests.length).toBe(1)
    const replaced = await user.send('PUT', `/api/keys/${id}`, { body: { key: freshKey() } })
    expect(replaced.status).toBe(200)
    const answer = await verifying
    expect([answer.status, answer.json()['code']]).toEqual([409, 'CONFLICT'])
    expect(await listKeys(user)).toMatchObject([{ id, verifiedAt: null }])
  })

  test('a caller who leaves takes the request to the provider along', async () => {
    const user = await lab.oort.signedIn()
    const { id } = await addKey(user)
    lab.emulator.script('openai', 'stall')
    const leaving = new AbortController()
    const verifying = user.send('POST', `/api/keys/${id}/verify`, { signal: leaving.signal })
    await expect.poll(() => lab.emulator.requests.length).toBe(1)
    leaving.abort()
    await expect(verifying).rejects.toThrow()
    expect(await lab.emulator.requests[0]?.ended).toBe('abandoned')
  })
})

describe('replacing a key', () => {
  test('keeps the record and its provider; the new key is the one that is used', async () => {
    const user = await lab.oort.signedIn()
    const [first, second] = [freshKey('anthropic'), freshKey('anthropic')]
    const before = await addKey(user, first, { provider: 'anthropic', label: 'work', verify: true })
    lab.pass(minute)
    const answer = await user.send('PUT', `/api/keys/${before.id}`, { body: { key: `${second}\n` } })
    expect(answer.status).toBe(200)
    const { bytesErased, ...after } = answer.json<StoredKey & { bytesErased: boolean }>()
    expect(bytesErased).toBe(!onPostgres)
    expect(after).toMatchObject({ id: before.id, provider: 'anthropic', label: 'work', lastFour: second.slice(-4) })
    expect(after.verifiedAt).toBeNull()
    expect(after.fingerprint).not.toBe(before.fingerprint)
    expect(after.createdAt).toBe(before.createdAt)
    expect(after.updatedAt).toBeGreaterThanOrEqual(before.updatedAt + minute)
    lab.emulator.reset()
    await user.post(`/api/keys/${before.id}/verify`)
    expect(lab.emulator.requests.map(({ headers }) => headers['x-api-key'])).toEqual([second])
  })

  test('X1 a key of another provider never takes its place', async () => {
    const user = await lab.oort.signedIn()
    const { id } = await addKey(user)
    for (const provider of ['anthropic', 'cerebras'] as const) {
      const answer = await user.send('PUT', `/api/keys/${id}`, { body: { key: freshKey(provider), verify: true } })
      expect([answer.status, answer.json()['code']]).toEqual([422, 'PROVIDER_KEY_MALFORMED'])
    }
    expect(lab.emulator.requests).toEqual([])
  })

  test('with verify the old key stays when the provider refuses the new one', async () => {
    const user = await lab.oort.signedIn()
    const before = await addKey(user)
    const answer = await user.send('PUT', `/api/keys/${before.id}`, { body: { key: refusedKey(), verify: true } })
    expect([answer.status, answer.json()['code']]).toEqual([422, 'PROVIDER_KEY_REFUSED'])
    expect(await listKeys(user)).toEqual([before])
    const accepted = await user.send('PUT', `/api/keys/${before.id}`, { body: { key: freshKey(), verify: true } })
    expect(accepted.json<StoredKey>().verifiedAt).toEqual(expect.any(Number))
  })

  test('a key that another record holds, or this one, is refused', async () => {
    const user = await lab.oort.signedIn()
    const [one, two] = [freshKey(), freshKey()]
    const first = await addKey(user, one)
    const second = await addKey(user, two)
    for (const key of [one, two]) {
      const answer = await user.send('PUT', `/api/keys/${first.id}`, { body: { key } })
      expect([answer.status, answer.json()['code']]).toEqual([409, 'CONFLICT'])
    }
    expect(await listKeys(user)).toEqual([second, first])
  })

  test.each(['provider', 'userId', 'id', 'label', 'lastFour', 'verifiedAt'])(
    'Z3 refuses the member %s',
    async (name) => {
      const user = await lab.oort.signedIn()
      const before = await addKey(user)
      const body = { key: freshKey(), [name]: 'anthropic' }
      expect((await user.send('PUT', `/api/keys/${before.id}`, { body })).status).toBe(400)
      expect(await listKeys(user)).toEqual([before])
    },
  )
})

describe('relabelling a key', () => {
  test('changes the label and nothing else', async () => {
    const user = await lab.oort.signedIn()
    const before = await addKey(user)
    lab.pass(minute)
    const answer = await user.send('PATCH', `/api/keys/${before.id}`, { body: { label: ' spare ' } })
    expect(answer.status).toBe(200)
    const updatedAt = answer.json<StoredKey>().updatedAt
    expect(updatedAt).toBeGreaterThanOrEqual(before.updatedAt + minute)
    expect(answer.json()).toEqual({ ...before, label: 'spare', updatedAt })
    expect((await usesOf(user, before.id)).map(({ action }) => action)).toEqual(['key.relabelled', 'key.added'])
  })

  test.each(['key', 'provider', 'userId', 'verifiedAt'])('Z3 refuses the member %s', async (name) => {
    const user = await lab.oort.signedIn()
    const before = await addKey(user)
    const body = { label: 'spare', [name]: freshKey() }
    expect((await user.send('PATCH', `/api/keys/${before.id}`, { body })).status).toBe(400)
    expect(await listKeys(user)).toEqual([before])
  })
})

describe('deleting a key', () => {
  test('removes it at once and says that its bytes are gone; a second time there is none', async () => {
    const user = await lab.oort.signedIn()
    const key = freshKey()
    const { id } = await addKey(user, key)
    const answer = await user.delete(`/api/keys/${id}`)
    expect([answer.status, answer.json()]).toEqual([200, { bytesErased: !onPostgres }])
    expect(await listKeys(user)).toEqual([])
    expect((await user.get(`/api/keys/${id}`)).status).toBe(404)
    expect((await user.delete(`/api/keys/${id}`)).status).toBe(404)
    expect((await addKey(user, key)).id).not.toBe(id)
  })
})

describe('the ledger of a key', () => {
  test('outlives the key', async () => {
    const user = await lab.oort.signedIn()
    const { id } = await addKey(user)
    await user.delete(`/api/keys/${id}`)
    expect((await usesOf(user, id)).map(({ action }) => action)).toEqual(['key.deleted', 'key.added'])
  })

  test('comes in pages, each entry once, newest first', async () => {
    const user = await lab.oort.signedIn()
    const { id } = await addKey(user)
    const other = await addKey(user)
    for (let turn = 0; turn < 6; turn += 1) {
      await user.send('PATCH', `/api/keys/${id}`, { body: { label: `label ${turn}` } })
      await user.send('PATCH', `/api/keys/${other.id}`, { body: { label: `label ${turn}` } })
    }
    const seqs: number[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: string = cursor === '' ? '?limit=3' : `?limit=3&cursor=${cursor}`
      const page = (await user.get(`/api/keys/${id}/uses${query}`)).json<{
        uses: { seq: number }[]
        nextCursor: string | null
      }>()
      expect(page.uses.length).toBeLessThanOrEqual(3)
      seqs.push(...page.uses.map(({ seq }) => seq))
      cursor = page.nextCursor
    }
    expect(seqs).toHaveLength(7)
    expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => b - a))
    const beyond = await user.get(`/api/keys/${id}/uses?cursor=1`)
    expect([beyond.status, beyond.json()]).toEqual([200, { uses: [], nextCursor: null }])
  })

  test.each(['0', '-1', '1e3', 'x', '9'.repeat(16), "1'--"])('the cursor %j is refused', async (cursor) => {
    const user = await lab.oort.signedIn()
    const { id } = await addKey(user)
    const answer = await user.get(`/api/keys/${id}/uses?cursor=${encodeURIComponent(cursor)}`)
    expect([answer.status, answer.json()['code']]).toEqual([400, 'CURSOR_INVALID'])
  })
})
