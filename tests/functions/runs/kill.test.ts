import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { verifyChains } from '../../../core/audit/verify-chain.ts'
import { insideOf } from '../../../core/platform.ts'
import { runs } from '../../../core/store/schema.ts'
import { startEmulator } from '../../support/emulator/emulator.ts'
import { startOort } from '../../support/oort.ts'
import { scopeOf, seedApiKey, seedKey, userByEmail } from '../../support/seed.ts'

const script = new URL('../../support/host.ts', import.meta.url).pathname

async function startHost(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [origin] = (await once(createInterface(child.stdout), 'line')) as [string]
  return {
    origin,
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

test('R1 kill -9 in the middle of streams: after the restart they are interrupted, the rest is as it was, the chain whole', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'oort-kill-'))
  const emulator = await startEmulator({ pace: 30 })
  const env = {
    NODE_ENV: 'test',
    BYOK_MASTER_KEY: randomBytes(32).toString('base64'),
    SESSION_SECRET: randomBytes(32).toString('base64'),
    OORT_DATA_DIR: dataDir,
    OORT_RATE_LIMIT: '0',
    OORT_OPENAI_URL: emulator.origins.openai,
  }
  const before = await startOort({ env, dataDir })
  const { email } = await before.signedIn()
  const userId = await userByEmail(before.platform, email)
  await seedKey(before.platform, userId, 'openai')
  const { token } = await seedApiKey(before.platform, userId)
  await before.close()

  const host = await startHost(before.env)
  const ask = (origin: string, prompt: string, more: object = {}, key = prompt.slice(0, 5)) =>
    fetch(`${origin}/api/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ model: 'gpt-5.4', prompt, ...more }),
    })
  const whole = await ask(host.origin, 'whole', { stream: false })
  expect(whole.status).toBe(200)
  const cut = await Promise.all(['first', 'other', 'third'].map((word) => ask(host.origin, `${word} word`.repeat(100))))
  for (const { body } of cut) await body?.getReader().read()
  await host.kill()

  const after = await startOort({ env, dataDir })
  const scope = scopeOf(after.platform, userId)
  const found = await scope.list(runs, { limit: 10 })
  expect(found.map(({ state }) => state)).toEqual(['interrupted', 'interrupted', 'interrupted', 'succeeded'])
  expect(found.slice(0, 3).every(({ finishedAt }) => finishedAt !== null)).toBe(true)
  const ends = await scope.audit({ action: 'run.finished', limit: 10 })
  expect(ends.map(({ actorKind, detail }) => [actorKind, detail['state']])).toEqual([
    ['system', 'interrupted'],
    ['system', 'interrupted'],
    ['system', 'interrupted'],
    ['api_key', 'succeeded'],
  ])
  const { store, keyring } = insideOf(after.platform)
  expect(await verifyChains(store.read, keyring)).toMatchObject({ intact: true })

  // What the dead process had begun under an Idempotency-Key can be tried anew at once; what it had finished is replayed.
  const again = await ask(after.origin, 'first word'.repeat(100))
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, null])
  await again.body?.cancel()
  const replayed = await ask(after.origin, 'whole', { stream: false })
  expect(await replayed.text()).toBe(await whole.text())

  await after.close()
  await emulator.close()
  await rm(dataDir, { recursive: true })
})
