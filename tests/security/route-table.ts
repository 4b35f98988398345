import type { Operation } from '../../core/http/operation.ts'
import { newId } from '../../core/ids.ts'
import { sessions } from '../../core/store/schema.ts'
import { capabilityNames } from '../../infra/capabilities.ts'
import type { Person } from '../functions/runs/lab.ts'
import { password, type TestOort } from '../support/oort.ts'
import { scopeOf, seedPasskey } from '../support/seed.ts'

/** How a test reaches a route: a body that its schema takes, and a record of a user for the id in its address. */
export interface Route {
  readonly body?: Readonly<Record<string, unknown>>
  /** An id of the right kind that no record has. */
  missing?(): string
  /** Makes a record that belongs to `owner` and answers its id; none for records that belong to nobody. */
  record?(oort: TestOort, owner: Person): Promise<string>
}

const key = {
  missing: () => newId('providerKey'),
  record: async (_: TestOort, owner: Person) => owner.keyIds.openai ?? '',
}

const run = {
  missing: () => newId('run'),
  async record(_: TestOort, { browser }: Person) {
    const { id } = (await browser.post('/api/runs', prompt)).json<{ id: string }>()
    return id
  },
}

/** Accounts are nobody's records: an administrator reaches all of them, and anybody else none. */
const user = { missing: () => newId('user') }

const passkey = {
  missing: () => newId('passkey'),
  record: ({ platform }: TestOort, { userId }: Person) => seedPasskey(platform, userId),
}

const accountExport = {
  missing: () => newId('export'),
  record: async (_: TestOort, { browser }: Person) => (await browser.post('/api/export')).json<{ id: string }>().id,
}

const prompt = { model: 'gpt-5.4', prompt: 'hello', stream: false }
const messages = [{ role: 'user', content: 'hello' }]
const incident = { severity: 'SEV3', title: 'Slow', components: ['api'], text: 'Answers take long.' }
const newPassword = 'another horse battery staple'
const token = 'a'.repeat(43)
const credential = { id: token, rawId: token, type: 'public-key' }
const registration = { ...credential, response: { clientDataJSON: token, attestationObject: token } }
const assertion = {
  ...credential,
  response: { clientDataJSON: token, authenticatorData: token, signature: token, userHandle: token },
}

/** Settings without which some routes would say no more than that they are off. Nothing listens at the address. */
export const everythingOn = {
  STRIPE_SECRET_KEY: 'sk_test_0123456789abcdefghijklmnopqrstuv',
  STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdefghijklmnopqrstuv',
  STRIPE_API_URL: 'http://127.0.0.1:9',
  STRIPE_PRICE_PLUS: 'price_plusMonthly',
  STRIPE_PRICE_PRO: 'price_proMonthly',
} as const

/** Every route. A route that is not here fails the suite: see `routesOf`. */
export const routes: Readonly<Record<string, Route>> = {
  'POST /api/auth/sign-up': { body: { email: 'new@example.com', password } },
  'POST /api/auth/verify-email': { body: { token, password } },
  'POST /api/auth/request-verification': { body: { email: 'new@example.com' } },
  'POST /api/auth/sign-in': { body: { email: 'new@example.com', password } },
  'POST /api/auth/sign-out': {},
  'POST /api/auth/sign-out-everywhere': {},
  'POST /api/auth/request-password-reset': { body: { email: 'new@example.com' } },
  'POST /api/auth/reset-password': { body: { token, newPassword } },
  'POST /api/auth/change-password': { body: { currentPassword: password, newPassword } },
  'POST /api/auth/sign-in/passkey': { body: { credential: assertion } },
  'POST /api/auth/passkeys/challenge': {},
  'POST /api/auth/passkeys/registration': {},
  'POST /api/auth/passkeys': { body: { label: 'mine', credential: registration } },
  'GET /api/auth/passkeys': {},
  'PATCH /api/auth/passkeys/:passkeyId': { ...passkey, body: { label: 'mine' } },
  'DELETE /api/auth/passkeys/:passkeyId': passkey,
  'POST /api/auth/reauthenticate/challenge': {},
  'POST /api/auth/reauthenticate': { body: { password } },
  'POST /api/auth/recovery-codes': {},
  'GET /api/auth/recovery-codes': {},
  'POST /api/auth/second-factor': { body: { password } },
  'POST /api/auth/second-factor/confirm': { body: { code: '000000' } },
  'DELETE /api/auth/second-factor': { body: { password } },
  'GET /api/auth/sessions': {},
  'DELETE /api/auth/sessions/:sessionId': {
    missing: () => newId('session'),
    async record({ platform }, { userId }) {
      const [session] = await scopeOf(platform, userId).list(sessions, { limit: 1 })
      return session?.id ?? ''
    },
  },
  'GET /api/auth/me': {},
  'GET /api/auth/audit': {},
  'DELETE /api/auth/account': { body: { password } },
  'GET /api/auth/receipt-key': {},

  'GET /api/admin/users': {},
  'GET /api/admin/users/:userId': user,
  'POST /api/admin/users/:userId/suspend': { ...user, body: { reason: 'test' } },
  'POST /api/admin/users/:userId/unsuspend': { ...user, body: { reason: 'test' } },
  'POST /api/admin/users/:userId/sign-out': { ...user, body: { reason: 'test' } },
  'POST /api/admin/users/:userId/role': { ...user, body: { role: 'user', reason: 'test' } },

  'POST /api/export': {},
  'GET /api/export/signing-key': {},
  'GET /api/export/:exportId': accountExport,
  'GET /api/export/:exportId/download': accountExport,

  'POST /api/keys': { body: { provider: 'openai', key: 'sk-proj-0123456789abcdefghijklmnop', verify: false } },
  'GET /api/keys': {},
  'GET /api/keys/:keyId': key,
  'POST /api/keys/:keyId/verify': key,
  'PUT /api/keys/:keyId': { ...key, body: { key: 'sk-proj-0123456789abcdefghijklmnop', verify: false } },
  'PATCH /api/keys/:keyId': { ...key, body: { label: 'mine' } },
  'DELETE /api/keys/:keyId': key,
  'GET /api/keys/:keyId/uses': key,
  'POST /api/api-keys': { body: { name: 'mine', scopes: ['runs:read'] } },
  'GET /api/api-keys': {},
  'DELETE /api/api-keys/:apiKeyId': {
    missing: () => newId('apiKey'),
    async record(_, { browser }) {
      const { apiKeys } = (await browser.get('/api/api-keys')).json<{ apiKeys: { id: string }[] }>()
      return apiKeys[0]?.id ?? ''
    },
  },

  'POST /webhooks/payments': { body: {} },
  'POST /api/payments/checkout': { body: { plan: 'pro' } },
  'POST /api/payments/portal': {},
  'GET /api/payments/subscription': {},
  'GET /api/admin/payments/parked': {},
  'POST /api/admin/payments/parked/:eventId/replay': { missing: () => newId('parkedEvent'), body: {} },

  'GET /api/admin/audit': {},
  'POST /api/admin/audit/verify': {},
  'GET /api/admin/health': {},
  'POST /api/admin/incidents': { body: incident },
  'POST /api/admin/incidents/:incidentId/updates': {
    missing: () => newId('incident'),
    body: { state: 'identified', text: 'We know why.' },
  },
  'GET /api/admin/incidents': {},

  'POST /api/runs': { body: prompt },
  'POST /api/runs/compare': { body: { models: ['gpt-5.4', 'claude-sonnet-5'], prompt: 'hello' } },
  'GET /api/runs': {},
  'GET /api/runs/usage': {},
  'GET /api/runs/:runId': run,
  'GET /api/runs/:runId/events': run,
  'POST /api/runs/:runId/cancel': run,
  'DELETE /api/runs/:runId': run,
  'GET /api/models': {},
  'POST /v1/chat/completions': { body: { model: 'gpt-5.4', messages } },
  'POST /v1/messages': { body: { model: 'claude-sonnet-5', max_tokens: 9, messages } },
  'GET /v1/models': {},

  'GET /admin': {},
  'GET /admin/users': {},
  'GET /admin/users/:userId': user,
  'GET /admin/audit': {},
  'GET /admin/payments': {},
  'GET /admin/incidents': {},
  'GET /admin/health': {},

  'GET /healthz': {},
  'GET /api/openapi.json': {},
  'GET /errors': {},
  'GET /.well-known/security.txt': {},
  'GET /api/status': {},
  'GET /status.atom': {},
  'GET /assets/:file': { missing: () => 'absent-AAAAAAAA.js' },

  'GET /': {},
  'GET /security': {},
  'GET /status': {},
  'GET /sign-in': {},
  'GET /sign-up': {},
  'GET /verify-email': {},
  'GET /reset-password': {},
  'GET /keys': {},
  'GET /account': {},
  'GET /account/deleted': {},
  'GET /plan': {},
  'GET /billing': {},
  'GET /playground': {},
  'GET /history': {},
  'GET /history/:id': { missing: () => 'any' },
  'GET /usage': {},
}

export interface ListedRoute extends Route {
  readonly name: string
  readonly operation: Operation
  /** The address with this id in the place of its parameter. */
  path(id?: string): string
}

/** The routes of the product, as the host has them and without those that a test adds. Throws for one that the table does not know how to reach. */
export function routesOf(oort: TestOort): readonly ListedRoute[] {
  const operations = oort.capabilities.slice(0, capabilityNames.length).flatMap((capability) => capability.operations)
  return operations.map((operation) => {
    const name = `${operation.method} ${operation.url}`
    const route = routes[name]
    if (route === undefined) throw new Error(`${name} is not in tests/security/route-table.ts`)
    const withId = operation.url.includes(':')
    if (withId !== (route.missing !== undefined)) throw new Error(`${name}: the table must tell how to make its id`)
    if (operation.schema.body !== undefined && route.body === undefined) throw new Error(`${name} needs a body`)
    return {
      ...route,
      name,
      operation,
      path: (id = route.missing?.() ?? '') => operation.url.replace(/:[^/]+/, id),
    }
  })
}
