import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyExport } from '../../core/export/verify.mjs'
import { type CapabilityName, capabilityNames } from '../../infra/capabilities.ts'
import { archiveOf, unpack } from '../functions/export/lab.ts'
import { openLab } from '../functions/runs/lab.ts'
import { everythingOn } from '../security/route-table.ts'
import { Browser } from '../support/browser.ts'
import { buildTime, built } from '../support/built.ts'
import { type Answered, type Asked, ask } from '../support/http.ts'
import { type Deployed, deploy } from '../support/lambda-runtime/deploy.ts'
import { linkIn, startMailServer } from '../support/mail-server.ts'
import { password } from '../support/oort.ts'
import { ofTheHost, requestFor, routesByFunction, unrepeatable, withoutMoment } from './like-requests.ts'

// Every function from its artefact, under a Runtime API, beside the router: both on one database.

const mail = await startMailServer()
const lab = await openLab({ oort: { env: { ...everythingOn, SMTP_URL: mail.url } } })
const { oort } = lab
const deployed = new Map<CapabilityName, Deployed>()

beforeAll(async () => {
  const { dist } = await built()
  const env = { ...oort.env, OORT_LOG_LEVEL: 'error' }
  for (const name of capabilityNames) deployed.set(name, await deploy(name, { dist, env }))
}, buildTime)

afterAll(async () => {
  for (const one of deployed.values()) await one[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
  await mail.close()
})

const hostOf = (name: CapabilityName): string => deployed.get(name)?.url.origin ?? ''

/** All of an answer but what belongs to one connection, one request or one moment. */
function essence({ status, headers, text }: Answered) {
  const { date, connection, 'keep-alive': _, 'transfer-encoding': __, 'x-request-id': id, ...rest } = headers
  expect(id).toMatch(/^req_/)
  expect([typeof date, typeof connection]).toEqual(['string', 'string'])
  return { status, headers: rest, text: withoutMoment(text).replaceAll(/req_[0-9a-f-]{36}/g, 'req') }
}

async function expectAlike(name: CapabilityName, sent: Asked): Promise<Answered> {
  const [routed, hosted] = [await ask(oort.origin, sent), await ask(hostOf(name), sent)]
  expect(essence(hosted)).toEqual(essence(routed))
  return hosted
}

describe('L1 a function in its artefact answers as the router does', async () => {
  const { cookie } = await oort.signedIn()

  test.each(routesByFunction(oort).filter(([name]) => !ofTheHost.includes(name)))('%s', async (name, host, route) => {
    const sent = requestFor(route, oort.publicUrl)
    await expectAlike(host, sent)
    if (unrepeatable.includes(name)) return
    await expectAlike(host, { ...sent, headers: { ...sent.headers, cookie } })
  })

  test('to a body that is too large, is no JSON, is none or is of another type', async () => {
    const headers = { origin: oort.publicUrl, cookie, 'content-type': 'application/json' }
    const large = JSON.stringify({ provider: 'openai', key: 'x'.repeat(70_000) })
    const statuses: number[] = []
    for (const body of [large, '{"provider":', '', '[]', 'nul\0']) {
      statuses.push((await expectAlike('keys', { method: 'POST', path: '/api/keys', headers, body })).status)
    }
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
    statuses.push((await expectAlike('keys', { method: 'POST', path: '/api/keys', headers: form, body: 'a=1' })).status)
    expect(statuses).toEqual([413, 400, 400, 400, 400, 415])
  })

  test('to what it does not have, and to a method that an address does not take', async () => {
    expect((await ask(hostOf('keys'), { path: '/api/runs' })).status).toBe(404)
    expect((await expectAlike('keys', { method: 'PUT', path: '/api/keys' })).status).toBe(405)
  })
})

test('L1 an account is opened, proves its address and signs in, over the artefact alone', async () => {
  const email = 'artefact@example.com'
  const browser = new Browser(hostOf('auth'), oort.publicUrl)
  expect((await browser.post('/api/auth/sign-up', { email, password })).status).toBe(202)
  // Then the container is frozen: the mail must be out.
  await deployed.get('auth')?.api.idle()
  const { token } = linkIn(mail.newestTo(email))
  expect((await browser.post('/api/auth/verify-email', { token, password })).status).toBe(200)
  expect((await browser.post('/api/auth/sign-in', { email, password })).status).toBe(200)
  expect((await browser.get('/api/auth/me')).json()).toMatchObject({ email })
  const routed = new Browser(oort.origin, oort.publicUrl)
  const { status } = await routed.send('GET', '/api/auth/me', { headers: { cookie: browser.cookie } })
  expect(status).toBe(200)
})

describe('L1 a stream', () => {
  const question = { model: 'gpt-5.4', messages: [{ role: 'user', content: 'hello there, all of you' }], stream: true }
  const withoutTimes = (text: string) => text.replaceAll(/"(id|created)":("[^"]*"|\d+)/g, '"$1":0')

  test('of a provider’s own format is byte for byte that of the router', async () => {
    const { token } = await lab.person()
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const sent = { method: 'POST', path: '/v1/chat/completions', headers, body: JSON.stringify(question) }
    const [routed, hosted] = [await ask(oort.origin, sent), await ask(hostOf('runs'), sent)]
    expect(hosted.text).toContain('data: [DONE]')
    expect(withoutTimes(hosted.text)).toBe(withoutTimes(routed.text))
    const { 'keep-alive': _, ...ofRouter } = routed.headers
    expect(Object.keys(hosted.headers)).toEqual(expect.arrayContaining(Object.keys(ofRouter)))
  })

  test('goes out as it comes: its beginning is there while the provider is silent', async () => {
    lab.emulator.script('openai', 'stall')
    const { browser } = await lab.person()
    const sent = request(`${hostOf('runs')}/api/runs`, {
      method: 'POST',
      headers: { origin: oort.publicUrl, cookie: browser.cookie, 'content-type': 'application/json' },
    })
    sent.end(JSON.stringify({ model: 'gpt-5.4', prompt: 'hello' }))
    const [answer] = await once(sent, 'response')
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    const [first] = await once(answer, 'data')
    expect(String(first)).toMatch(/^event: /)
    sent.destroy()
  })
})

test('L1 a file of bytes arrives as it was made', async () => {
  const person = await oort.signedIn()
  const browser = new Browser(hostOf('export'), oort.publicUrl)
  const headers = { cookie: person.cookie }
  const { id } = (await browser.send('POST', '/api/export', { headers })).json<{ id: string }>()
  const answer = await browser.fetch('GET', `/api/export/${id}/download`, { headers })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip'])
  const { faults } = await verifyExport(archiveOf(await unpack(Buffer.from(await answer.bytes()))))
  expect(faults).toEqual([])
})

test('L1 an invocation that is none fails alone, and the next is answered', async () => {
  const { api, url, log } = deployed.get('keys') ?? (await deploy('keys', { dist: '', env: {} }))
  expect(await api.invoke({ version: '1.0' })).toMatchObject({ kind: 'error', errorType: 'ZodError' })
  expect(log()).toContain('"msg":"invocation failed"')
  expect((await ask(url.origin, { path: '/api/keys' })).status).toBe(401)
})

test('L1 a handler that cannot be loaded is told at start', async () => {
  const { dist } = await built()
  await using broken = await deploy('keys', { dist, env: { _HANDLER: 'lambda.nothing' } })
  expect(await broken.api.initError).toMatchObject({ errorType: 'TypeError' })
})
