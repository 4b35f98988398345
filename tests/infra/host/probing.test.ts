import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Status } from '../../../core/incidents/status.ts'
import { type Emulator, startEmulator } from '../../support/emulator/emulator.ts'
import { ask } from '../../support/http.ts'
import { start, strongSecrets } from '../../support/process.ts'

let folder: string
let emulator: Emulator
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-probing-'))
  emulator = await startEmulator()
})
afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true, force: true })
})

test('a router probes itself, its database and each provider, and ends in order', { timeout: 120_000 }, async () => {
  const { openai, anthropic, cerebras } = emulator.origins
  const origins = { OORT_OPENAI_URL: openai, OORT_ANTHROPIC_URL: anthropic, OORT_CEREBRAS_URL: cerebras }
  const env = { NODE_ENV: 'test', ...strongSecrets(), OORT_DATA_DIR: folder, OORT_PORT: '0', ...origins }
  const router = start('infra/router.ts', [], env)
  const origin = await router.origin
  const stateOf = async () => {
    const { components } = JSON.parse((await ask(origin, { path: '/api/status' })).text) as Status
    return Object.fromEntries(components.map(({ name, state }) => [name, state]))
  }
  const well = Object.fromEntries(
    ['api', 'database', 'openai', 'anthropic', 'cerebras'].map((name) => [
      name,
      expect.stringMatching(/operational|degraded/),
    ]),
  )
  await expect.poll(stateOf, { timeout: 100_000, interval: 500 }).toEqual(well)
  expect(emulator.requests.map(({ provider, method, path }) => `${provider} ${method} ${path}`).sort()).toEqual([
    'anthropic HEAD /',
    'cerebras HEAD /',
    'openai HEAD /',
  ])
  for (const { headers } of emulator.requests) {
    expect([headers.authorization, headers['x-api-key']]).toEqual([undefined, undefined])
  }
  router.child.kill('SIGTERM')
  expect(await router.ended).toMatchObject({ exitCode: 0, stderr: '' })
})
