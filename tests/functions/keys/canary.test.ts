import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, ReadAnswer } from '../../support/browser.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import { addKey, auditText, freshKey, issueKey, type KeysLab, openLab, refusedKey, type StoredKey } from './lab.ts'

let lab: KeysLab
beforeAll(async () => {
  lab = await openLab({ OORT_LOG_LEVEL: 'trace' })
})
afterAll(() => lab[Symbol.asyncDispose]())

/** Ways in which a key reaches us and something goes wrong, or almost. Each answers all that came back. */
const mishaps: Readonly<Record<string, (user: Browser, key: string) => Promise<ReadAnswer[]>>> = {
  'it is stored, listed, looked at and deleted': async (user, key) => {
    const added = await user.post('/api/keys', { provider: 'openai', key })
    const { id } = added.json<StoredKey>()
    const rest = [
      await user.get('/api/keys'),
      await user.get(`/api/keys/${id}`),
      await user.get(`/api/keys/${id}/uses`),
    ]
    return [added, ...rest, await user.delete(`/api/keys/${id}`)]
  },
  'it is added twice': async (user, key) => [
    await user.post('/api/keys', { provider: 'openai', key }),
    await user.post('/api/keys', { provider: 'openai', key }),
  ],
  'it stands where the provider should': async (user, key) => [await user.post('/api/keys', { provider: key, key })],
  'it stands where the label should': async (user, key) => [
    await user.post('/api/keys', { provider: 'openai', key: freshKey(), label: key }),
    await user.send('PATCH', `/api/keys/${(await addKey(user)).id}`, { body: { label: key } }),
    await user.post('/api/api-keys', { name: key, scopes: ['runs:read'] }),
  ],
  'it stands in a member that does not exist': async (user, key) => [
    await user.post('/api/keys', { provider: 'openai', key: freshKey(), secret: key }),
  ],
  'it is of another type': async (user, key) => [
    await user.post('/api/keys', { provider: 'openai', key: [key] }),
    await user.post('/api/keys', { provider: 'openai', key: { value: key } }),
  ],
  'it is malformed': async (user, key) => [
    await user.post('/api/keys', { provider: 'cerebras', key }),
    await user.post('/api/keys', { provider: 'openai', key: `${key} ${key}` }),
    await user.post('/api/keys', { provider: 'openai', key: key.repeat(40) }),
  ],
  'the JSON around it is broken': async (user, key) => [
    await user.post('/api/keys', `{"provider":"openai","key":"${key}"`),
    await user.post('/api/keys', `{"provider":"openai","key":"${key}\\u0000"}`),
    await user.post('/api/keys', `key=${key}`, { 'content-type': 'application/x-www-form-urlencoded' }),
  ],
  'it stands in the address': async (user, key) => [
    await user.get(`/api/keys/${key}`),
    await user.get(`/api/keys?key=${key}`),
    await user.delete(`/api/keys/${key}`),
    await user.get(`/api/keys/${(await addKey(user)).id}/uses?cursor=${key}`),
    await user.get(`/${key}`),
  ],
  'it stands in a header': async (user, key) => [
    await user.get('/api/keys', { authorization: `Bearer ${key}` }),
    await user.get('/api/keys', { 'x-api-key': key }),
    await user.post(
      '/api/keys',
      { provider: 'openai', key: freshKey() },
      { 'idempotency-key': key, 'x-request-id': key },
    ),
  ],
  'the provider repeats it in a JSON error': async (user, key) => {
    lab.emulator.script('openai', 'key-echo')
    return [await user.post('/api/keys', { provider: 'openai', key, verify: true })]
  },
  'the provider repeats it in an HTML error': async (user, key) => {
    lab.emulator.script('openai', 'error-not-json', 'error-not-json')
    return [await user.post('/api/keys', { provider: 'openai', key, verify: true })]
  },
  'the provider repeats it when the stored key is checked': async (user, key) => {
    const { id } = await addKey(user, key)
    lab.emulator.script('openai', 'key-echo')
    return [await user.post(`/api/keys/${id}/verify`), await user.get(`/api/keys/${id}/uses`)]
  },
  'the provider repeats it when a key is replaced by it': async (user, key) => {
    const { id } = await addKey(user)
    lab.emulator.script('openai', 'key-echo')
    const refused = await user.send('PUT', `/api/keys/${id}`, { body: { key, verify: true } })
    return [refused, await user.send('PUT', `/api/keys/${id}`, { body: { key } })]
  },
  'the provider hangs up': async (user, key) => {
    const { id } = await addKey(user, key)
    lab.emulator.script('openai', 'hangup', 'redirect')
    return [await user.post(`/api/keys/${id}/verify`), await user.post(`/api/keys/${id}/verify`)]
  },
  'it takes the place of a key five times at once': async (user, key) => {
    const { id } = await addKey(user)
    return Promise.all(Array.from({ length: 5 }, () => user.send('PUT', `/api/keys/${id}`, { body: { key } })))
  },
}

describe('D3 a key appears in no answer, log line, audit row or file', () => {
  test.each(Object.entries(mishaps))('when %s', async (_what, mishap) => {
    const user = await lab.oort.signedIn()
    const key = freshKey()
    const search = createByteSearch([key])
    const answers = await mishap(user, key)
    expect(answers.length).toBeGreaterThan(0)
    for (const { headers, text } of answers) {
      expect(search(Buffer.from(text + JSON.stringify([...headers])))).toEqual(new Set())
    }
    expect(search(Buffer.from(lab.oort.log()))).toEqual(new Set())
    expect(search(Buffer.from(await auditText(lab.oort)))).toEqual(new Set())
    expect(search(await bytesIn(lab.oort.dataDir))).toEqual(new Set())
    expect(lab.oort.log()).toContain('/api/keys')
  })

  test('nor does an issued API key, but in the one answer that shows it', async () => {
    const user = await lab.oort.signedIn()
    const { id, token } = await issueKey(user)
    const search = createByteSearch([token])
    const headers = { authorization: `Bearer ${token}` }
    const answers = [
      await user.get('/api/api-keys'),
      await lab.oort.browser().send('GET', '/api/keys', { headers }),
      await lab.oort.browser().send('GET', `/api/keys/${token}`, { headers }),
      await user.post('/api/keys', { provider: 'openai', key: token }),
      await user.post('/api/api-keys', { name: token, scopes: ['runs:read'] }),
      await user.delete(`/api/api-keys/${id}`),
      await lab.oort.browser().send('GET', '/api/keys', { headers }),
    ]
    for (const { text } of answers) expect(search(Buffer.from(text))).toEqual(new Set())
    const everything = [
      await bytesIn(lab.oort.dataDir),
      Buffer.from(lab.oort.log()),
      Buffer.from(await auditText(lab.oort)),
    ]
    expect(search(Buffer.concat(everything))).toEqual(new Set())
  })

  test('and the emulator did repeat it: what reaches us from there is dropped on our side', async () => {
    const key = freshKey()
    lab.emulator.script('openai', 'key-echo')
    const answer = await fetch(`${lab.emulator.origins.openai}/v1/models`, {
      headers: { authorization: `Bearer ${key}` },
    })
    expect(await answer.text()).toContain(key)
    expect(createByteSearch([key])(Buffer.from(`before ${key}`)).size).toBe(1)
    expect(createByteSearch([refusedKey()])(Buffer.from(`before ${key}`)).size).toBe(0)
  })
})
