import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../infra/bundling/free-port.ts'
import { memorySettings } from '../../../infra/host/memory-settings.ts'
import { Browser } from '../../support/browser.ts'
import { memoryOf } from '../../support/memory-of.ts'
import { password } from '../../support/oort.ts'
import { strongSecrets } from '../../support/process.ts'
import { root } from '../../support/source-graph.ts'
import type { Contender } from './contender.ts'

const publicUrl = 'http://localhost:3000'

/** Oort as it is shipped: the router's bundle, with an account, a sealed key and an API key. All of it is on. */
export async function startOortBundle(
  provider: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  const dataDir = await mkdtemp(join(tmpdir(), 'oort-bench-'))
  const port = await freePort()
  const settings = {
    ...memorySettings,
    ...strongSecrets(),
    NODE_ENV: 'development',
    OORT_DATA_DIR: dataDir,
    OORT_PORT: String(port),
    OORT_PUBLIC_URL: publicUrl,
    OORT_RATE_LIMIT: '0',
    OORT_LOG_LEVEL: 'info',
    OORT_OPENAI_URL: provider,
    ...env,
  }
  // To a file, as the container's is: who reads a pipe takes time from what is measured.
  const log = await open(join(dataDir, 'log'), 'w')
  const child = spawn(process.execPath, ['dist/router.js'], {
    cwd: root,
    env: settings,
    stdio: ['ignore', log.fd, 'inherit'],
  })
  const ended = once(child, 'exit')
  await log.close()
  const at = `http://127.0.0.1:${port}`
  await answering(at)
  return {
    name: env['OORT_WORKERS'] === undefined ? 'Oort' : `Oort, ${env['OORT_WORKERS']} workers`,
    origin: at,
    pid: child.pid,
    headers: await openAccount(at),
    memory: async () => (await memoryOf(child.pid ?? 0)).now,
    async stop() {
      child.kill('SIGTERM')
      await ended
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** A new account with a sealed key: the headers with which its API key is let in. */
export async function openAccount(
  origin: string,
  email = `${randomBytes(6).toString('hex')}@example.com`,
): Promise<Readonly<Record<string, string>>> {
  const browser = new Browser(origin, publicUrl)
  const signedUp = await browser.post('/api/auth/sign-up', { email, password })
  if (signedUp.status >= 300) throw new Error(`no account for ${email}: ${signedUp.status} ${signedUp.text}`)
  await browser.post('/api/keys', { provider: 'openai', key: `sk-proj-${'a1'.repeat(20)}`, verify: false })
  const issued = await browser.post('/api/api-keys', { name: 'bench', scopes: ['runs:create'] })
  return { authorization: `Bearer ${issued.json<{ token: string }>().token}` }
}

async function answering(origin: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`${origin}/healthz`).catch(() => undefined)
    if (answer?.ok) return
    await sleep(50)
  }
  throw new Error('the router does not answer')
}
