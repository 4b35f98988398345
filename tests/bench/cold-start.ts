import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from '../../infra/bundling/build.ts'
import { urlEvent } from '../../infra/bundling/url-event.ts'
import { firstQuestions, warmCode } from '../../infra/bundling/warm-code.ts'
import { type CapabilityName, capabilityNames } from '../../infra/capabilities.ts'
import { keepFigure } from '../bars/figures.ts'
import { median } from '../support/median.ts'
import { strongSecrets } from '../support/process.ts'

/**
 * How long a function takes from the start of its process to its first answer: Node itself, then each bundle with a
 * database that is there already. Medians, in milliseconds. Bar B3: at most 150 for auth, keys and runs.
 * `node tests/bench/cold-start.ts [rounds]`
 */
const rounds = Number(process.argv[2] ?? 15)
const bar = 150
const asked = (name: CapabilityName) => firstQuestions[`functions/${name}/lambda`]?.[0] ?? ''
const barred: readonly string[] = ['auth', 'keys', 'runs']

const folder = await mkdtemp(join(tmpdir(), 'oort-cold-'))
const env = {
  ...{ PATH: process.env['PATH'], NODE_ENV: 'production', OORT_LOG_LEVEL: 'silent' },
  ...strongSecrets(),
  OORT_DATA_DIR: join(folder, 'data'),
}

/** An event of a function's URL, and the program that hands it over and says when it was answered. */
async function program(name: CapabilityName): Promise<string> {
  const file = join(folder, `${name}.mjs`)
  const bundle = join(import.meta.dirname, `../../dist/functions/${name}/lambda.js`)
  // A streaming handler answers into the stream that AWS gives it; the global is what its runtime provides.
  await writeFile(
    file,
    `import { PassThrough } from 'node:stream'
     let wrapped = false
     globalThis.awslambda = {
       streamifyResponse: (handler) => { wrapped = true; return handler },
       HttpResponseStream: { from: (stream, head) => { console.log(head.statusCode); return stream } },
     }
     const { handler } = await import(${JSON.stringify(bundle)})
     const event = ${JSON.stringify(urlEvent(asked(name)))}
     if (wrapped) await handler(event, new PassThrough().resume(), {})
     else console.log((await handler(event, {})).statusCode)
     process.exit(0)`,
  )
  return file
}

/** Milliseconds until the process says its first word. */
async function time(args: readonly string[]): Promise<{ readonly ms: number; readonly said: string }> {
  const since = performance.now()
  const child = spawn(process.execPath, [...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const ms = performance.now() - since
  child.kill('SIGKILL')
  if (child.exitCode === null) await once(child, 'exit')
  return { ms, said: said.toString().trim() }
}

async function medianTime(args: readonly string[]): Promise<{ readonly ms: number; readonly said: string }> {
  // The first makes the database, and fills the page cache.
  const { said } = await time(args)
  const all: number[] = []
  for (let round = 0; round < rounds; round += 1) all.push((await time(args)).ms)
  return { ms: median(all), said }
}

// As they are shipped: with what V8 compiled at build time.
await warmCode(await build())
const node = await medianTime(['-e', 'console.log("node")'])
process.stdout.write(`Node alone  ${node.ms.toFixed(0)} ms\n`)
const figures: string[] = []
for (const name of capabilityNames) {
  const { ms, said } = await medianTime([await program(name)])
  process.stdout.write(
    `${name.padEnd(10)}  ${ms.toFixed(0)} ms, ${(ms / node.ms).toFixed(1)} × Node (answered ${said})\n`,
  )
  if (barred.includes(name)) figures.push(`${name} ${ms.toFixed(0)} ms`)
  if (barred.includes(name) && ms > bar) process.exitCode = 1
}
await keepFigure('B3', `${figures.join(', ')}; Node alone ${node.ms.toFixed(0)} ms`)
await rm(folder, { recursive: true, force: true })
