import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { minute } from '../../core/clock.ts'
import { apiKeys, sessions } from '../../core/store/schema.ts'
import { type AuthLab, accountOf, administrator, freshAddress, openLab } from '../functions/auth/lab.ts'
import type { Browser } from '../support/browser.ts'
import { password } from '../support/oort.ts'
import { seedApiKey } from '../support/seed.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

type Owner = Browser & { readonly email: string }

/** Sends a request but for the last byte of its body; answers the rest when the server has let its caller in. */
async function begin(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: object,
  letIn: () => Promise<boolean>,
): Promise<() => Promise<string>> {
  const sent = JSON.stringify(body)
  const type = { 'content-type': 'application/json', 'content-length': String(sent.length) }
  const held: ClientRequest = request(lab.oort.origin + path, { method: 'POST', headers: { ...headers, ...type } })
  held.write(sent.slice(0, -1))
  await expect.poll(letIn).toBe(true)
  return async () => {
    held.end(sent.slice(-1))
    const [answer] = (await once(held, 'response')) as [IncomingMessage]
    return `${answer.statusCode} ${(JSON.parse(await text(answer)) as { code?: string }).code}`
  }
}

const endOfSession: readonly (readonly [string, string, (owner: Owner) => Promise<unknown>])[] = [
  ['signed out', '401 UNAUTHENTICATED', (owner) => owner.post('/api/auth/sign-out')],
  ['signed out everywhere', '401 UNAUTHENTICATED', (owner) => owner.post('/api/auth/sign-out-everywhere')],
  [
    'changed the password in the session whose cookie was copied',
    '401 UNAUTHENTICATED',
    (owner) =>
      owner.post('/api/auth/change-password', {
        currentPassword: password,
        newPassword: 'a third and rather long phrase',
      }),
  ],
  [
    'was suspended',
    '403 ACCOUNT_SUSPENDED',
    async ({ email }) => (await administrator(lab)).suspend((await accountOf(lab, email)).userId, 'test'),
  ],
  [
    'deleted the account',
    '401 UNAUTHENTICATED',
    (owner) => owner.send('DELETE', '/api/auth/account', { body: { password } }),
  ],
]

describe('S1 a request that was let in changes nothing when its body ends after its owner', () => {
  test.each(endOfSession)('%s', async (_what, refusal, end) => {
    const owner = await lab.oort.signedIn()
    const { scope } = await accountOf(lab, owner.email)
    const headers = { cookie: owner.cookie, origin: lab.oort.publicUrl, 'sec-fetch-site': 'same-origin' }
    // The time of the last sight is written down as somebody is let in, where it is more than five minutes ago.
    lab.pass(6 * minute)
    const from = lab.oort.platform.clock()
    const finish = await begin('/api/api-keys', headers, { name: 'of a thief', scopes: ['runs:read'] }, async () =>
      (await scope.list(sessions, { limit: 1 })).some(({ lastSeenAt }) => lastSeenAt >= from),
    )
    await end(owner)
    expect(await finish()).toBe(refusal)
    expect(await scope.count(apiKeys)).toBe(0)
  })

  test('revoked the API key', async () => {
    const owner = await lab.oort.signedIn()
    const { scope, userId } = await accountOf(lab, owner.email)
    const { id, token } = await seedApiKey(lab.oort.platform, userId)
    const finish = await begin(
      '/v1/chat/completions',
      { authorization: `Bearer ${token}`, ...freshAddress() },
      { model: 'gpt-5.4', messages: [{ role: 'user', content: 'Hello' }] },
      async () => (await scope.find(apiKeys, id)).lastUsedAt !== null,
    )
    expect((await owner.delete(`/api/api-keys/${id}`)).status).toBe(204)
    expect(await finish()).toBe('401 UNAUTHENTICATED')
  })
})
