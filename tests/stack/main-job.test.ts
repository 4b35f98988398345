import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../support/http.ts'
import { engineMissing } from './compose.ts'
import { type Stack, startStack } from './lab.ts'
import { signUp } from './person.ts'

describe.skipIf(engineMissing !== undefined)('a stack as compose.yaml describes it', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await startStack({ pace: 10 })
  })
  afterAll(() => stack?.close())

  test('serves the main job through TLS: sign up, seal a key that the provider confirms, stream a run, find it', async () => {
    const person = await signUp(stack)
    const { rest } = await person.run('tell me of comets')
    expect(await rest).toContain('event: done')
    const found = await person.browser.get('/api/runs?q=comets')
    expect(found.json()).toMatchObject({ runs: [{ state: 'succeeded' }] })
    expect(found.headers.get('strict-transport-security')).toContain('max-age=31536000')
    expect(person.browser.cookie).toMatch(/^__Host-/)
  })

  test('serves the pages, their files from Caddy itself, and sends plain HTTP to TLS', async () => {
    const browser = stack.browser()
    const page = await browser.get('/')
    const [file] = /\/assets\/[\w.-]+\.css/.exec(page.text) ?? []
    expect([page.status, file]).toEqual([200, expect.any(String)])
    const asset = await browser.get(file ?? '')
    expect([asset.status, asset.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    // What Oort answers has an id; what Caddy serves has none.
    expect([page.headers.has('x-request-id'), asset.headers.has('x-request-id')]).toEqual([true, false])
    const plain = await ask(`http://localhost:${stack.httpPort}`, { path: '/sign-in' })
    expect([plain.status, plain.headers.location]).toEqual([308, 'https://localhost/sign-in'])
  })

  test('takes backups beside the running Oort, which the command line in its container tells of', async () => {
    const { exitCode, stdout } = await stack.exec('backup', ['oort', 'backup', 'list', '--within', '1h', '--json'])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ backups: [{ version: 'oort-backup/1' }] })
  })

  test('stops in order, each part by itself and within the time that it is given', async () => {
    const begun = performance.now()
    expect(await stack.compose('stop')).toMatchObject({ exitCode: 0 })
    expect(performance.now() - begun).toBeLessThan(30_000)
    for (const service of ['caddy', 'oort', 'backup'] as const) {
      expect([service, (await stack.inspect(service)).State]).toMatchObject([
        service,
        { Status: 'exited', ExitCode: 0 },
      ])
    }
  })
})
