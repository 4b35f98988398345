import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createApp } from '../../core/http/app.ts'
import { createPlatform } from '../../core/platform.ts'
import { capabilityNames, loadCapabilities } from '../../infra/capabilities.ts'
import { everythingOn, routesOf } from '../security/route-table.ts'
import { ask } from '../support/http.ts'
import { startOort } from '../support/oort.ts'
import { start, strongSecrets } from '../support/process.ts'

const directory = await mkdtemp(join(tmpdir(), 'oort-serve-'))
afterAll(() => rm(directory, { recursive: true, force: true }))
const oort = await startOort({ env: { ...everythingOn, OORT_LOG_LEVEL: 'silent' } })
afterAll(() => oort.close())

test.each(capabilityNames)('%s hosted alone answers for its own addresses and no other', async (name) => {
  const platform = await createPlatform({ ...oort.platform.config, dataDir: join(directory, name) })
  const capabilities = loadCapabilities(platform, [name])
  const app = await createApp(platform, capabilities)
  const own = new Set(capabilities.flatMap(({ operations }) => operations.map(({ method, url }) => `${method} ${url}`)))
  expect(own.size).toBeGreaterThan(0)
  for (const { name: route, operation, path } of routesOf(oort)) {
    const { method, url } = operation
    expect([route, app.hasRoute({ method, url })]).toEqual([route, own.has(route)])
    const { statusCode } = await app.inject({ method, url: path() })
    if (!own.has(route)) expect([404, 405]).toContain(statusCode)
  }
  await app.close()
})

test('npm run serve hosts one capability, and lists them for a name that is none', async () => {
  const env = { ...strongSecrets(), OORT_DATA_DIR: directory, OORT_PORT: '0' }
  const [unknown, keys] = [start('infra/serve.ts', ['kyes'], env), start('infra/serve.ts', ['keys'], env)]
  expect(await unknown.ended).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('auth, ') })
  const origin = await keys.origin
  expect((await ask(origin, { path: '/api/keys' })).status).toBe(401)
  expect((await ask(origin, { path: '/api/auth/me' })).status).toBe(404)
  keys.child.kill('SIGTERM')
  expect((await keys.ended).exitCode).toBe(0)
})
