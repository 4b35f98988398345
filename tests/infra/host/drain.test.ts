import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Browser } from '../../support/browser.ts'
import { type Emulator, startEmulator } from '../../support/emulator/emulator.ts'
import { demoKeys } from '../../support/emulator/keys.ts'
import { ask } from '../../support/http.ts'
import { password } from '../../support/oort.ts'
import { type Started, start, strongSecrets } from '../../support/process.ts'

const publicUrl = 'http://localhost:3000'
let directory: string
let emulator: Emulator
let router: Started
let browser: Browser

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'oort-drain-'))
  emulator = await startEmulator({ pace: 250 })
  const { openai, anthropic, cerebras } = emulator.origins
  router = start('infra/router.ts', [], {
    ...{ NODE_ENV: 'test', OORT_DATA_DIR: directory, OORT_PORT: '0', OORT_PUBLIC_URL: publicUrl },
    ...{ OORT_OPENAI_URL: openai, OORT_ANTHROPIC_URL: anthropic, OORT_CEREBRAS_URL: cerebras },
    ...strongSecrets(),
  })
  browser = new Browser(await router.origin, publicUrl)
  await browser.post('/api/auth/sign-up', { email: 'ada@example.com', password })
  await browser.post('/api/keys', { provider: 'openai', key: demoKeys.openai, verify: false })
})
afterEach(async () => {
  router.child.kill('SIGKILL')
  await emulator.close()
  await rm(directory, { recursive: true, force: true })
})

/** A run whose head has arrived and whose body has not. */
async function halfARun() {
  const { hostname, port } = new URL(browser.origin)
  const socket = connect(Number(port), hostname).on('error', () => undefined)
  let heard = ''
  socket.on('data', (chunk) => {
    heard += chunk.toString()
  })
  const body = '{"model":"gpt-5.4","prompt":"too late"}'
  const head = ['POST /api/runs HTTP/1.1', 'Host: oort.test', `Origin: ${publicUrl}`, `Cookie: ${browser.cookie}`]
  const type = ['Content-Type: application/json', `Content-Length: ${body.length}`, 'Expect: 100-continue', '', '']
  socket.write([...head, ...type].join('\r\n'))
  await expect.poll(() => heard).toContain('100 Continue')
  heard = ''
  return async () => {
    socket.write(body)
    await once(socket, 'close')
    return heard
  }
}

test('at SIGTERM a stream of several seconds comes to its end, while new runs are refused with 503', async () => {
  const prompt = Array.from({ length: 28 }, (_, at) => `w${at}`).join(' ')
  const stream = await browser.fetch('POST', '/api/runs', { body: { model: 'gpt-5.4', prompt } })
  const late = await halfARun()
  router.child.kill('SIGTERM')
  await expect.poll(() => ask(browser.origin, { path: '/healthz' }).then(String, () => 'refused')).toBe('refused')
  const refusal = await late()
  expect(refusal).toMatch(/^HTTP\/1\.1 503 /)
  expect(refusal).toMatch(/retry-after: 5\r\n/i)
  expect(refusal).toMatch(/connection: close\r\n/i)
  expect(refusal).toContain('"code":"SHUTTING_DOWN"')
  expect(await stream.text()).toMatch(/event: done\ndata: .*"state":"succeeded"/)
  // The probes look at each provider too, with HEAD.
  expect(emulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  expect(await router.ended).toMatchObject({ exitCode: 0, stderr: '' })
})
