import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { get as getPlainly, Agent as PlainAgent } from 'node:http'
import { get as getByTls, Agent as TlsAgent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildTime } from '../support/built.ts'
import { extent, long } from '../support/extent.ts'
import { figure } from '../support/figure.ts'
import { watchConnections } from './connections.ts'
import { type Door, type Fort, openFort } from './fort.ts'
import type { Orders } from './slow-crowd.ts'

const sockets = extent(90, 2_000)
const forMs = extent(1_000, 60_000)
const baselineMs = extent(500, 15_000)
/**
 * Below this many milliseconds the machine's own noise is all that a ratio would measure. In the short form three requests
 * decide, while other tests run beside it; in the long form nobody notices what is below.
 */
const unnoticed = extent(300, 100)

let fort: Fort
beforeAll(async () => {
  fort = await openFort()
}, buildTime)
afterAll(() => fort?.[Symbol.asyncDispose]())

/** What a good client waits for an answer, request after request on connections that it keeps and on new ones. */
async function waits(door: Door, ms: number): Promise<number[]> {
  const options = { port: door.port, host: '127.0.0.1', path: '/api/auth/me', servername: 'localhost', ca: door.ca }
  const kept = door.ca === undefined ? new PlainAgent({ keepAlive: true }) : new TlsAgent({ keepAlive: true })
  const until = performance.now() + ms
  const times: number[] = []
  const ask = (agent: PlainAgent | false) =>
    new Promise<void>((resolve, reject) => {
      const begun = performance.now()
      const get = door.ca === undefined ? getPlainly : getByTls
      get({ ...options, agent, headers: { host: door.host } }, (answer) => {
        answer.resume().on('end', () => {
          if (answer.statusCode !== 401) return reject(new Error(`answered ${answer.statusCode}`))
          times.push(performance.now() - begun)
          resolve()
        })
      }).on('error', reject)
    })
  while (performance.now() < until) {
    for (const agent of [kept, kept, kept, false] as const) await ask(agent)
    await sleep(10)
  }
  kept.destroy()
  return times
}

const p99 = (times: readonly number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0

async function attack(door: Door) {
  const crowd = spawn(process.execPath, [join(import.meta.dirname, 'slow-crowd.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const orders: Orders = {
    port: door.port,
    host: door.host,
    origin: fort.publicUrl,
    ...(door.ca === undefined ? {} : { ca: door.ca }),
    sockets,
    kinds: ['header', 'body', 'read'],
  }
  crowd.stdin.end(`${JSON.stringify(orders)}\n`)
  const theirs = new Map<number, string>()
  const { promise: all, resolve } = Promise.withResolvers<void>()
  let rest = ''
  crowd.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === 'all') resolve()
      else if (line.startsWith('-')) theirs.delete(-Number(line))
      else theirs.set(Number(line.split(' ')[0]), line.split(' ')[1] ?? '')
    }
  })
  const watch = watchConnections(door.pid, door.port, (port) => theirs.get(port))
  await all
  const times = await waits(door, forMs)
  const held = await watch.stop()
  crowd.kill('SIGKILL')
  return { p99: p99(times), answers: times.length, ...held }
}

for (const at of [0, 1] as const) {
  const way = ['through Caddy', 'direct'][at]
  const name = `N1 slow headers, slow bodies and readers who read nothing leave good clients their time and are let go in time, ${way}`
  test(name, { timeout: extent(60_000, 300_000) }, async ({ task }) => {
    const door = fort.doors[at]
    await waits(door, 300)
    const baseline = p99(await waits(door, baselineMs))
    const found = await attack(door)
    const ms = (value: number): string => `${value.toFixed(1)} ms`
    const longest = Object.entries(found.longestMs).map(([kind, held]) => `${kind} ${(held / 1_000).toFixed(1)} s`)
    const held = `${found.most} at once for ${forMs / 1_000} s, held at most ${longest.join(', ')}`
    figure(task, `p99 ${ms(found.p99)}, ${(found.p99 / baseline).toFixed(1)} × baseline; ${held}`)
    expect(found.p99).toBeLessThanOrEqual(Math.max(2 * baseline, unnoticed))
    for (const [kind, heldMs] of Object.entries(found.longestMs)) {
      expect([kind, Math.min(heldMs, 30_000)]).toEqual([kind, heldMs])
    }
    // Caddy lets most of them go after five seconds, and a handshake comes before each is there again.
    expect(found.most).toBeGreaterThan((door.ca === undefined ? 0.8 : 0.6) * sockets)
  })
}

/** The tool's own ways: slow headers, slow bodies, and readers with a small window who ask three times over. */
const ways: readonly (readonly [string, readonly string[]])[] = [
  ['headers', ['-H', '-i', '5']],
  ['bodies', ['-B', '-i', '5', '-s', '8192']],
  ['readers', ['-X', '-w', '512', '-y', '1024', '-n', '5', '-z', '32', '-k', '3']],
]

// Debian's package, which `npm run test:attacks` installs where it may.
if (long && spawnSync('sh', ['-c', 'command -v slowhttptest']).status === 0) {
  const tried = ways.flatMap(([what, options]) => ([0, 1] as const).map((at) => [what, at, options] as const))
  test.each(tried)(
    'N1 slowhttptest finds the service there at every second: slow %s (%i)',
    async (_what, at, options) => {
      const door = fort.doors[at]
      const url = `${door.ca === undefined ? 'http' : 'https'}://127.0.0.1:${door.port}/errors`
      const folder = await mkdtemp(join(tmpdir(), 'oort-slow-'))
      const bounds = ['-c', '2000', '-r', '400', '-l', '35', '-p', '3', '-g', '-o', join(folder, 'found'), '-u', url]
      await once(spawn('slowhttptest', [...options, ...bounds], { stdio: 'ignore' }), 'close')
      const [heading = '', ...rows] = (await readFile(join(folder, 'found.csv'), 'utf8')).trim().split('\n')
      await rm(folder, { recursive: true, force: true })
      const column = heading.split(',').indexOf('Service Available')
      const seconds = rows.map((row) => Number(row.split(',')[column]))
      expect(seconds.length).toBeGreaterThan(5)
      expect(seconds.filter((available) => available === 0)).toEqual([])
    },
  )
}
