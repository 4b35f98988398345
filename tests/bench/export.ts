import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { verifyExport } from '../../core/export/verify.mjs'
import { build } from '../../infra/bundling/build.ts'
import { freePort } from '../../infra/bundling/free-port.ts'
import { openZip } from '../../infra/cli/open-zip.ts'
import { addRuns, begin, type Progress, progressOf, stockedUser } from '../functions/export/lab.ts'
import { Browser } from '../support/browser.ts'
import { memoryOf } from '../support/memory-of.ts'
import { password, startOort } from '../support/oort.ts'

/**
 * How much memory the server takes to export an account of 100,000 runs of some 4 kB, how long it takes, and how long
 * the archive takes to verify. Bar: at most 200 MB of RSS at the peak. `node tests/bench/export.ts [runs]`
 */
const runs = Number(process.argv[2] ?? 100_000)
const barBytes = 200_000_000
const folder = await mkdtemp(join(tmpdir(), 'oort-bench-'))
const dataDir = join(folder, 'data')

async function stock(): Promise<{ env: Readonly<Record<string, string>>; email: string }> {
  const oort = await startOort({ dataDir })
  const { browser, scope } = await stockedUser(oort, 'bench', 0)
  for (let done = 0; done < runs; done += 1_000) {
    await addRuns(oort, scope, 'bench', Math.min(1_000, runs - done), { length: 4_000, found: false })
  }
  await oort.close()
  return { env: oort.env, email: browser.email }
}

async function signIn(browser: Browser, email: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await browser.post('/api/auth/sign-in', { email, password }).catch(() => undefined)
    if (answer?.status === 200) return
    await wait(100)
  }
  throw new Error('the server does not let us in')
}

const { env, email } = await stock()
const port = await freePort()
// The bundle, as it is deployed: from source, Node keeps the compiler that strips the types.
const dist = join(import.meta.dirname, '../.artifacts/bench-export')
await build(dist)
const server = spawn(process.execPath, [join(dist, 'router.js')], {
  env: { ...env, OORT_PORT: String(port), OORT_LOG_LEVEL: 'warn' },
  stdio: ['ignore', 'inherit', 'inherit'],
})
const exited = once(server, 'exit')
try {
  const browser = new Browser(`http://127.0.0.1:${port}`, env['OORT_PUBLIC_URL'] ?? '')
  await signIn(browser, email)
  const pid = server.pid ?? 0
  const { now: atRest } = await memoryOf(pid)
  const id = await begin(browser)
  const path = join(folder, 'export.zip')
  const started = performance.now()
  const answer = await browser.fetch('GET', `/api/export/${id}/download`)
  if (answer.body === null) throw new Error('no archive')
  const seen: Progress[] = []
  const timer = setInterval(() => void progressOf(browser, id).then((progress) => seen.push(progress)), 1_000)
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(path))
  clearInterval(timer)
  const seconds = (performance.now() - started) / 1_000
  const { peak } = await memoryOf(pid)

  const archive = await openZip(path)
  const verifying = performance.now()
  const { faults, manifest } = await verifyExport(archive)
  archive.close()
  const exported = manifest?.files.find(({ name }) => name === 'runs.ndjson')
  const figures = {
    bench: 'export',
    runs: exported?.rows,
    megabytes: Math.round((exported?.bytes ?? 0) / 1e6),
    seconds: Number(seconds.toFixed(1)),
    rssAtRestMB: Math.round(atRest / 1e6),
    rssPeakMB: Math.round(peak / 1e6),
    progressSeen: new Set(seen.map(({ rowsWritten }) => rowsWritten)).size,
    verifySeconds: Number(((performance.now() - verifying) / 1_000).toFixed(1)),
    faults,
  }
  process.stdout.write(`${JSON.stringify(figures)}\n`)
  if (faults.length > 0 || exported?.rows !== runs || peak > barBytes) process.exitCode = 1
} finally {
  server.kill('SIGTERM')
  await exited
  for (const each of [folder, dist]) await rm(each, { recursive: true, force: true })
}
