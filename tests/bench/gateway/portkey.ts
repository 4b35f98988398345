import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../infra/bundling/free-port.ts'
import { memoryOf } from '../../support/memory-of.ts'
import type { Contender } from './contender.ts'

const version = '1.15.2'
/**
 * The newest with which it streams. Later ones hand it the provider's own headers where it asks for those of its answer:
 * they cannot be changed, and it answers 500. Both have to be named, or npm puts a newer one of each beside these.
 * Source: https://github.com/Portkey-AI/gateway/issues/1389
 */
const [server, sockets] = ['1.14.1', '1.2.0']
const folder = join(import.meta.dirname, '../.portkey', `${version}-${server}`)
const packages = [`@portkey-ai/gateway@${version}`, `@hono/node-server@${server}`, `@hono/node-ws@${sockets}`]

const note = [
  `Portkey ${version} ran with @hono/node-server ${server}, the newest that it streams with: with 1.14.2 and later, which npm`,
  'picks by itself, it answers every stream with 500 (Portkey-AI/gateway#1389). JSON is no faster with those. Of each stream',
  'it holds the first event back for 25 ms, on purpose: SSE at concurrency 1 shows that wait, and not what its work costs.',
].join('\n')

/** The peer: @portkey-ai/gateway, installed beside the benchmark and nowhere else. It keeps nothing and checks no key. */
export async function startPortkey(provider: string): Promise<Contender> {
  const entry = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  if (!existsSync(entry)) {
    const args = ['install', '--no-save', '--loglevel=error', '--prefix', folder, ...packages]
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
    note,
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
