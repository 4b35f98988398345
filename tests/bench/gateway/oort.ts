import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Browser } from '../../support/browser.ts'
import { freePort } from '../../support/free-port.ts'
import { password } from '../../support/oort.ts'
import { start, strongSecrets } from '../../support/process.ts'
import type { Contender } from './contender.ts'

/** Oort as it is shipped: the router's bundle, with an account, a sealed key and an API key. All of it is on. */
export async function startOortBundle(
  provider: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Contender> {
  const dataDir = await mkdtemp(join(tmpdir(), 'oort-bench-'))
  const port = await freePort()
  const { child, ended, origin } = start('dist/router.js', [], {
    ...strongSecrets(),
    NODE_ENV: 'development',
    OORT_DATA_DIR: dataDir,
    OORT_PORT: String(port),
    OORT_PUBLIC_URL: 'http://localhost:3000',
    OORT_RATE_LIMIT: '0',
    OORT_LOG_LEVEL: 'info',
    OORT_OPENAI_URL: provider,
    ...env,
  })
  const at = await origin
  const browser = new Browser(at, 'http://localhost:3000')
  await browser.post('/api/auth/sign-up', { email: 'bench@example.com', password })
  await browser.post('/api/keys', { provider: 'openai', key: `sk-proj-${'a1'.repeat(20)}`, verify: false })
  const issued = await browser.post('/api/api-keys', { name: 'bench', scopes: ['runs:create'] })
  const { token } = issued.json<{ token: string }>()
  return {
    name: 'Oort',
    origin: at,
    headers: { authorization: `Bearer ${token}` },
    memory: async () => residentBytes(child.pid ?? 0),
    async stop() {
      child.kill('SIGTERM')
      await ended
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Source: proc_pid_status(5), VmRSS. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}
