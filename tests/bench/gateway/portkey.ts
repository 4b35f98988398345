import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../support/free-port.ts'
import { memoryOf } from '../../support/memory-of.ts'
import type { Contender } from './contender.ts'

const version = '1.15.2'
const folder = join(import.meta.dirname, '../.portkey')

/** The peer: @portkey-ai/gateway, installed beside the benchmark and nowhere else. It keeps nothing and checks no key. */
export async function startPortkey(provider: string): Promise<Contender> {
  const entry = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  if (!existsSync(entry)) {
    const args = ['install', '--no-save', '--loglevel=error', '--prefix', folder, `@portkey-ai/gateway@${version}`]
    if (spawnSync('npm', args, { stdio: 'inherit' }).status !== 0) throw new Error('the peer could not be installed')
  }
  const port = await freePort()
  const child = spawn(process.execPath, [entry, `--port=${port}`, '--headless'], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
    stdio: 'ignore',
  })
  const origin = `http://127.0.0.1:${port}`
  while (!(await fetch(origin).catch(() => undefined))) await sleep(50)
  return {
    name: `Portkey ${version}`,
    origin,
    headers: {
      authorization: 'Bearer sk-none',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${provider}/v1`,
    },
    memory: async () => (await memoryOf(child.pid ?? 0)).now,
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
