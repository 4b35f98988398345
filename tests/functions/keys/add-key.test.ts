import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { providers } from '../../../core/providers/provider.ts'
import { addKey, freshKey, type KeysLab, listKeys, openLab, refusedKey, type StoredKey, usesOf } from './lab.ts'

let lab: KeysLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.emulator.reset())

describe('adding a key', () => {
  test.each(providers)('stores a key of %s and tells of it all but the key', async (provider) => {
    const user = await lab.oort.signedIn()
    const key = freshKey(provider)
    const answer = await user.post('/api/keys', { provider, key, label: 'work' })
    expect(answer.status).toBe(201)
    const stored = answer.json<StoredKey>()
    expect(stored).toEqual({
      id: expect.stringMatching(/^key_/),
      provider,
      label: 'work',
      lastFour: key.slice(-4),
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      verifiedAt: null,
      lastUsedAt: null,
      createdAt: expect.any(Number),
      updatedAt: expect.any(Number),
    })
    expect(answer.text).not.toContain(key)
    expect(await listKeys(user)).toEqual([stored])
    expect((await user.get(`/api/keys/${stored.id}`)).json()).toEqual(stored)
    expect((await usesOf(user, stored.id)).map(({ action }) => action)).toEqual(['key.added'])
    expect(lab.emulator.requests).toEqual([])
  })

  test('removes white space around a pasted key and changes nothing else', async () => {
    const user = await lab.oort.signedIn()
    const key = freshKey()
    const { id } = await addKey(user, ` \t${key}\r\n`, { verify: true })
    expect(lab.emulator.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`)
    expect((await user.post('/api/keys', { provider: 'openai', key })).json()).toMatchObject({
      code: 'CONFLICT',
      detail: expect.stringContaining(id),
    })
    const inside = await user.post('/api/keys', { provider: 'openai', key: `${key.slice(0, 20)} ${key.slice(20)}` })
    expect(inside.json()).toMatchObject({ code: 'PROVIDER_KEY_MALFORMED' })
  })

  test('refuses a key that the user holds, and lets another user hold it under another fingerprint', async () => {
    const [one, other] = [await lab.oort.signedIn(), await lab.oort.signedIn()]
    const key = freshKey()
    const first = await addKey(one, key)
    const again = await one.post('/api/keys', { provider: 'openai', key, label: 'again' })
    expect([again.status, again.json()['code']]).toEqual([409, 'CONFLICT'])
    const second = await addKey(other, key)
    expect(second.fingerprint).not.toBe(first.fingerprint)
    expect(await listKeys(one)).toHaveLength(1)
  })

  test.each([
    ['mistral', 'PROVIDER_UNKNOWN'],
    ['OpenAI', 'PROVIDER_UNKNOWN'],
    ['__proto__', 'PROVIDER_UNKNOWN'],
    ['', 'PROVIDER_UNKNOWN'],
  ])('the provider %j is refused as %s', async (provider, code) => {
    const user = await lab.oort.signedIn()
    const answer = await user.post('/api/keys', { provider, key: freshKey() })
    expect([answer.status, answer.json()['code']]).toEqual([422, code])
    expect(await listKeys(user)).toEqual([])
  })

  test('X1 refuses a key of another provider and names whose it looks like', async () => {
    const user = await lab.oort.signedIn()
    for (const provider of providers) {
      for (const owner of providers.filter((each) => each !== provider)) {
        const answer = await user.post('/api/keys', { provider, key: freshKey(owner), verify: true })
        expect([answer.status, answer.json()['code']]).toEqual([422, 'PROVIDER_KEY_MALFORMED'])
        expect(answer.json()['detail']).toContain(`a key of ${owner}`)
      }
    }
    expect(lab.emulator.requests).toEqual([])
  })

  test('holds at most 50 keys, also when 60 arrive at once', async () => {
    const user = await lab.oort.signedIn()
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => user.post('/api/keys', { provider: 'openai', key: freshKey() })),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(50)
    const refused = answers.filter(({ status }) => status !== 201)
    expect(new Set(refused.map((answer) => answer.json()['code']))).toEqual(new Set(['LIMIT_REACHED']))
    expect(await listKeys(user)).toHaveLength(50)
  })

  test('holds one key once, also when it arrives ten times at once', async () => {
    const user = await lab.oort.signedIn()
    const key = freshKey()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => user.post('/api/keys', { provider: 'openai', key })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(9).fill(409)])
  })

  test.each([
    ['nothing', '  '],
    ['81 characters', 'x'.repeat(81)],
    ['a line break', 'a\nb'],
    ['an escape', 'a\u001b[2Jb'],
    ['a turn of the writing direction', 'a\u202eb'],
    ['a key', `my ${refusedKey()}`],
  ])('a label of %s is refused', async (_what, label) => {
    const user = await lab.oort.signedIn()
    const answer = await user.post('/api/keys', { provider: 'openai', key: freshKey(), label })
    expect([answer.status, answer.json()['code']]).toEqual([400, 'BODY_INVALID'])
    expect(await listKeys(user)).toEqual([])
  })

  test('Z3 refuses any member that it does not know, and stores nothing', async () => {
    const user = await lab.oort.signedIn()
    const member = fc.oneof(
      fc.constantFrom(
        'role',
        'userId',
        'id',
        'createdAt',
        'updatedAt',
        'verifiedAt',
        'fingerprint',
        'lastFour',
        'plan',
      ),
      fc.string({ minLength: 1 }).filter((name) => !['provider', 'key', 'label', 'verify'].includes(name)),
    )
    await fc.assert(
      fc.asyncProperty(member, fc.jsonValue(), async (name, value) => {
        const body = { provider: 'openai', key: freshKey(), [name]: value }
        expect((await user.post('/api/keys', body)).status).toBe(400)
      }),
      { numRuns: 60 },
    )
    expect(await listKeys(user)).toEqual([])
  })
})

describe('checking a key while it is added', () => {
  test.each(providers)('asks %s alone, and notes when', async (provider) => {
    const user = await lab.oort.signedIn()
    const key = freshKey(provider)
    const stored = await addKey(user, key, { provider, verify: true })
    expect(stored.verifiedAt).toBeGreaterThanOrEqual(stored.createdAt - 1_000)
    expect(lab.emulator.requests.map(({ provider: host, method }) => [host, method])).toEqual([[provider, 'GET']])
  })

  test.each(providers)('stores nothing when %s refuses the key', async (provider) => {
    const user = await lab.oort.signedIn()
    const answer = await user.post('/api/keys', { provider, key: refusedKey(provider), verify: true })
    expect(answer.status).toBe(422)
    expect(answer.json()).toMatchObject({ code: 'PROVIDER_KEY_REFUSED', providerStatus: 401 })
    expect(await listKeys(user)).toEqual([])
  })

  test.each([
    ['error-403', 422, 'PROVIDER_KEY_REFUSED'],
    ['hangup', 502, 'PROVIDER_UNREACHABLE'],
    ['error-429-for-long', 429, 'PROVIDER_RATE_LIMITED'],
    ['error-without-retry', 502, 'PROVIDER_ERROR'],
    ['answer-not-json', 502, 'PROVIDER_RESPONSE_INVALID'],
    ['answer-wrong-shape', 502, 'PROVIDER_RESPONSE_INVALID'],
    ['huge-answer', 502, 'PROVIDER_RESPONSE_INVALID'],
    ['bomb', 502, 'PROVIDER_RESPONSE_INVALID'],
    ['huge-error', 422, 'PROVIDER_REQUEST_REFUSED'],
    ['redirect', 502, 'PROVIDER_ERROR'],
  ] as const)('stores nothing when the provider does this: %s', async (behaviour, status, code) => {
    const user = await lab.oort.signedIn()
    lab.emulator.script('openai', behaviour)
    const answer = await user.post('/api/keys', { provider: 'openai', key: freshKey(), verify: true })
    expect([answer.status, answer.json()['code']]).toEqual([status, code])
    expect(await listKeys(user)).toEqual([])
  })

  test('X1 follows no redirect: the key reaches its own provider and no other listener', async () => {
    const user = await lab.oort.signedIn()
    for (const provider of providers) {
      lab.emulator.script(provider, 'redirect')
      await user.post('/api/keys', { provider, key: freshKey(provider), verify: true })
    }
    expect(lab.emulator.requests.map(({ provider }) => provider)).toEqual([...providers])
  })

  test('is limited for each user: the 31st check of a minute is refused', async () => {
    const [user, other] = [await lab.oort.signedIn(), await lab.oort.signedIn()]
    const check = () => user.post('/api/keys', { provider: 'openai', key: refusedKey(), verify: true })
    const answers = await Promise.all(Array.from({ length: 31 }, check))
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(30)
    const limited = answers.find(({ status }) => status === 429)
    expect(limited?.json()).toMatchObject({ code: 'RATE_LIMITED' })
    expect(lab.emulator.requests).toHaveLength(30)
    expect((await addKey(other, freshKey(), { verify: true })).verifiedAt).not.toBeNull()
  })
})
