import { setTimeout as pause } from 'node:timers/promises'
import Stripe from 'stripe'
import { type Provider, providers } from '../../../core/providers/provider.ts'
import { freshAddress, totpCode } from '../../functions/auth/lab.ts'
import { progressOf, unpack } from '../../functions/export/lab.ts'
import type { Browser } from '../../support/browser.ts'
import type { Behaviour } from '../../support/emulator/behaviours.ts'
import { talk } from '../../support/http.ts'
import { linkIn } from '../../support/mail-server.ts'
import type { LeakLab } from './lab.ts'

const model: Readonly<Record<Provider, string>> = {
  openai: 'gpt-5.4',
  anthropic: 'claude-sonnet-5',
  cerebras: 'gpt-oss-120b',
}

/** Opens an account with everything that it can hold; answers its browser, signed in. */
export async function openAccount(lab: LeakLab): Promise<Browser> {
  const { email, password, openaiKey, anthropicKey, cerebrasKey } = lab.planted
  const user = lab.browser()
  lab.keep('sign-up', await user.post('/api/auth/sign-up', { email, password }, freshAddress()))
  const { token } = await mailed(lab, email)
  lab.add('mailToken', token)
  lab.keep('verification', await user.post('/api/auth/verify-email', { token, password }, freshAddress()))
  const signedIn = await user.post('/api/auth/sign-in', { email, password }, freshAddress())
  lab.keep('sign-in', { text: signedIn.text })
  lab.add('cookie', user.cookie.slice(user.cookie.indexOf('=') + 1))
  lab.keep('me', await user.get('/api/auth/me'), ['email'])
  for (const [provider, key] of Object.entries({ openai: openaiKey, anthropic: anthropicKey, cerebras: cerebrasKey })) {
    lab.keep('a key', await user.post('/api/keys', { provider, key, verify: true }))
    lab.keep('the same key', await user.post('/api/keys', { provider, key }))
  }
  const issued = await user.post('/api/api-keys', { name: 'mine', scopes: ['runs:create', 'runs:read', 'models:read'] })
  lab.add('apiKey', issued.json<{ token: string }>().token)
  lab.keep('an API key', issued, ['apiKey'])
  return user
}

async function mailed(lab: LeakLab, address: string): Promise<{ readonly token: string }> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = lab.mail.messages.findLast(({ to }) => to.includes(address))
    if (found !== undefined) return linkIn(found)
    await pause(25)
  }
  throw new Error('no mail came')
}

/** Sends every secret that a person can hold to where it does not belong. */
export async function misplaceSecrets(lab: LeakLab, user: Browser): Promise<void> {
  const { openaiKey: key, password, prompt, email, paymentNote } = lab.planted
  for (const value of [key, password, prompt, email, paymentNote, lab.planted.stripeKey]) {
    const text = JSON.stringify(value)
    const path = encodeURIComponent(value)
    const wrong: Readonly<Record<string, () => ReturnType<Browser['send']>>> = {
      'JSON that ends early': () => user.post('/api/keys', `{"provider":"openai","key":${text}`),
      'JSON with a member twice': () => user.post('/api/keys', `{${text}:1,${text}:2}`),
      'JSON with a NUL': () => user.post('/api/keys', `{"provider":"openai","key":"\\u0000","label":${text}}`),
      'a form': () => user.post('/api/keys', `key=${path}`, { 'content-type': 'application/x-www-form-urlencoded' }),
      'a body that is too large': () => user.post('/api/keys', { provider: 'openai', key: value.repeat(2_000) }),
      'the name of a member': () => user.post('/api/keys', { provider: 'openai', key, [value]: value }),
      'the name of a member within another': () =>
        user.post('/api/runs', { messages: [{ [value]: value }], model: 'x' }),
      'a provider': () => user.post('/api/keys', { provider: value, key: value }),
      'a key of another shape': () => user.post('/api/keys', { provider: 'cerebras', key: value }),
      'a model of a provider': () =>
        user.post('/api/runs', { model: `openai/${value}`, prompt: 'hello', stream: false }),
      'an idempotency key that is one': () =>
        user.post(
          '/api/runs',
          { model: 'openai/emulator-error-400', prompt: 'hello', stream: false },
          { 'idempotency-key': path },
        ),
      'a model': () => user.post('/api/runs', { model: value.slice(0, 60), prompt: value, stream: false }),
      'an address': () => user.get(`/api/keys/${path}`),
      'an address that is none': () => user.get(`/${path}/${path}?${path}=${path}`),
      'an address that cannot be read': () => user.get(`/api/keys/%zz${path}`),
      'a cursor': () => user.get(`/api/runs?cursor=${path}`),
      'a query': () => user.get(`/api/auth/audit?limit=${path}`),
      'a method that is not there': () => user.send('PUT', `/api/runs?key=${path}`, { body: { value } }),
      'an idempotency key': () =>
        user.post('/api/runs', { model: 'x', prompt: value }, { 'idempotency-key': path.repeat(9) }),
      'another site': () =>
        user.post('/api/keys', { key: value }, { 'sec-fetch-site': 'cross-site', origin: `https://${key}.example` }),
      'a stranger’s cookie': () => lab.browser().get('/api/keys', { cookie: `__Host-oort=${path}; oort=${path}` }),
      'a stranger’s API key': () => lab.browser().get('/v1/models', { authorization: `Bearer ${path}` }),
      'headers that are too large': () => user.get('/api/keys', { 'x-key': path.repeat(400) }),
      'a link': () =>
        lab
          .browser()
          .post(
            '/api/auth/verify-email',
            { token: value.replaceAll(/\W/g, '').padEnd(43, 'a').slice(0, 43), password: value },
            freshAddress(),
          ),
      'a sign-in': () =>
        lab.browser().post('/api/auth/sign-in', { email: `${key}@example.com`, password: value }, freshAddress()),
      'a short password': () =>
        user.post('/api/auth/change-password', { currentPassword: value, newPassword: value.slice(0, 8) }),
      'a password': () =>
        user.post('/api/auth/change-password', { currentPassword: value.repeat(2), newPassword: value }),
      'a code': () => user.post('/api/auth/second-factor/confirm', { code: value }),
      'a checkout': () => user.post('/api/payments/checkout', { plan: value }),
    }
    for (const [what, send] of Object.entries(wrong)) lab.keep(what, await send())
    const line = `GET /api/keys?key=${path} HTTP/1.1\r\nHost: x\r\nBroken header ${path}\r\n\r\n`
    lab.keep('a request that is none', { text: await talk(lab.origin, line) })
  }
}

const refusals: readonly Behaviour[] = [
  'key-echo',
  'key-in-words',
  'error-not-json',
  'error-400',
  'error-402',
  'error-403',
  'error-404',
  'error-413',
  'error-429-for-long',
  'error-without-retry',
  'redirect',
  'hangup',
  'answer-not-json',
  'answer-wrong-shape',
  'bomb',
]
const breaks: readonly Behaviour[] = [
  'answer',
  'key-echo',
  'stream-error',
  'stream-cut',
  'stream-hangup',
  'stream-broken',
  'redirect',
]

/** Runs prompts with providers that refuse, repeat what they were sent, break off and hang. */
export async function runPrompts(lab: LeakLab, user: Browser, apiKey: string): Promise<void> {
  const { prompt } = lab.planted
  const headers = { authorization: `Bearer ${apiKey}` }
  for (const provider of providers) {
    const messages = [{ role: 'user', content: prompt }]
    const passed = provider === 'anthropic' ? '/v1/messages' : '/v1/chat/completions'
    for (const behaviour of refusals) {
      const asked = { model: `${provider}/emulator-${behaviour}`, prompt, stream: false }
      lab.keep(`a run with ${behaviour}`, await user.post('/api/runs', asked), ['prompt'])
    }
    const spoilt = { model: `${provider}/emulator-key-in-words`, prompt }
    lab.keep('a stream whose words are the key', await read(user, '/api/runs', spoilt), ['prompt'])
    for (const behaviour of breaks) {
      const wanted = `${provider}/emulator-${behaviour}`
      lab.keep(`a stream with ${behaviour}`, await read(user, '/api/runs', { model: wanted, prompt }), ['prompt'])
      const body = { model: wanted, messages, max_tokens: 99, stream: true }
      const answer = await read(lab.browser(), passed, body, headers)
      // What the provider says on these roads is its own, and comes as it is.
      lab.keep(`a client with ${behaviour}`, answer, ['prompt'])
    }
    lab.keep(
      'a model that is not there',
      await user.post('/api/runs', { model: `${model[provider]}-nonexistent`, prompt }),
      ['prompt'],
    )
    const gone = new AbortController()
    const leaving = user.fetch('POST', '/api/runs', {
      body: { model: `${provider}/emulator-stall`, prompt },
      signal: gone.signal,
    })
    await leaving.then(() => gone.abort())
  }
  const { runs } = lab
    .keep('the history', await user.get('/api/runs?limit=50'), ['prompt'])
    .json<{ runs: { id: string }[] }>()
  for (const { id } of runs.slice(0, 5)) lab.keep('a run', await user.get(`/api/runs/${id}`), ['prompt'])
  lab.keep('a search', await user.get('/api/runs?q=lighthouse'), ['prompt'])
}

/** A stream to its end, or to where it breaks off. */
async function read(browser: Browser, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const answer = await browser.fetch('POST', path, { body, headers })
  const chunks: Buffer[] = []
  try {
    for await (const chunk of answer.body ?? []) chunks.push(Buffer.from(chunk))
  } catch {
    // Broken off, as it was to be.
  }
  return { text: Buffer.concat(chunks).toString('utf8'), headers: answer.headers }
}

/** Second factor, payments, webhooks and mail that go wrong. */
export async function meetServices(lab: LeakLab, user: Browser): Promise<void> {
  const { email, password, paymentNote, webhookSecret, stripeKey } = lab.planted
  const added = lab.keep('a second factor', await user.post('/api/auth/second-factor', { password }), ['totp', 'email'])
  const { secret } = added.json<{ secret: string }>()
  lab.add('totp', secret)
  lab.keep('a wrong code', await user.post('/api/auth/second-factor/confirm', { code: '000000' }))
  const code = totpCode(secret, Date.now())
  const confirmed = await user.post('/api/auth/second-factor/confirm', { code })
  const { recoveryCodes = [] } = confirmed.json<{ recoveryCodes?: string[] }>()
  for (const [at, each] of recoveryCodes.entries()) lab.add(`recoveryCode${at}`, each)
  lab.keep(
    'a confirmed second factor',
    confirmed,
    recoveryCodes.map((_, at) => `recoveryCode${at}`),
  )
  lab.keep(
    'a sign-in without a code',
    await lab.browser().post('/api/auth/sign-in', { email, password }, freshAddress()),
  )
  lab.keep('a code twice', await lab.browser().post('/api/auth/sign-in', { email, password, code }, freshAddress()))

  for (const mishap of [
    'server-error',
    'server-error',
    'not-json',
    'redirect',
    'hangup',
    'hangup',
    'rate-limit',
  ] as const) {
    lab.stripe.script(mishap, mishap)
    lab.keep(`a checkout with ${mishap}`, await user.post('/api/payments/checkout', { plan: 'pro' }))
  }
  const object = { id: 'sub_1', object: 'subscription', customer: 'cus_unknown', status: 'active', items: { data: [] } }
  const event = { id: 'evt_1', object: 'event', type: 'customer.subscription.updated', created: 1, data: { object } }
  const payload = JSON.stringify({ ...event, note: paymentNote })
  const signature = new Stripe(stripeKey).webhooks.generateTestHeaderString({ payload, secret: webhookSecret })
  const deliver = (body: string, header: string) =>
    lab.browser().post('/webhooks/payments', body, { 'stripe-signature': header })
  lab.keep('an event of nobody', await deliver(payload, signature))
  lab.keep('an event that was changed', await deliver(`${payload} `, signature))
  lab.keep('an event with a secret for a signature', await deliver(payload, webhookSecret))
  const nonsense = JSON.stringify({ note: paymentNote })
  const signed = new Stripe(stripeKey).webhooks.generateTestHeaderString({ payload: nonsense, secret: webhookSecret })
  lab.keep('an event that is none', await deliver(nonsense, signed))

  lab.refuseMail()
  lab.keep(
    'mail that is refused',
    await lab.browser().post('/api/auth/request-password-reset', { email }, freshAddress()),
  )
  await lab.logged('a task after an answer failed')
}

/** What is told of the account, and of the instance. */
export async function readEverything(lab: LeakLab, user: Browser): Promise<void> {
  const mine: Readonly<Record<string, readonly string[]>> = {
    '/api/auth/audit?limit=100': [],
    '/api/auth/sessions': [],
    '/api/keys': [],
    '/api/api-keys': [],
    '/api/payments/subscription': [],
    '/api/auth/receipt-key': [],
    '/api/export/signing-key': [],
    '/healthz': [],
    '/api/openapi.json': [],
    '/errors': [],
    '/.well-known/security.txt': [],
    '/api/auth/me': ['email'],
  }
  for (const [path, owns] of Object.entries(mine)) lab.keep(path, await user.get(path), owns)
  const started = lab.keep('an export', await user.post('/api/export'))
  const { id } = started.json<{ id: string }>()
  const download = await user.fetch('GET', `/api/export/${id}/download`)
  for (const [name, bytes] of await unpack(Buffer.from(await download.arrayBuffer()))) {
    lab.keepBytes(`${name} of the export`, bytes, ['prompt', 'email', 'paymentNote'])
  }
  lab.keep('its end', { text: JSON.stringify(await progressOf(user, id)) })
}
