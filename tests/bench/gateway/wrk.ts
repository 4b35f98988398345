import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Contender, Scenario } from './contender.ts'

const run = promisify(execFile)

export interface Figures {
  readonly requestsPerSecond: number
  readonly bytesPerSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Loads a contender for a time. Throws when any answer was an error: figures of failures mean nothing. */
export async function load(
  { origin, headers, name }: Contender,
  { body }: Scenario,
  { concurrency, seconds }: { readonly concurrency: number; readonly seconds: number },
): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'oort-bench-wrk-'))
  const script = join(folder, 'post.lua')
  const all = { 'content-type': 'application/json', ...headers }
  await writeFile(
    script,
    `wrk.method = "POST"
     wrk.body = [[${body}]]
     ${Object.entries(all)
       .map(([key, value]) => `wrk.headers["${key}"] = "${value}"`)
       .join('\n')}
     done = function(summary, latency)
       local e = summary.errors
       io.write(string.format("FIGURES %d %d %d %d %d %d\\n", summary.requests, summary.duration, summary.bytes,
         latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
     end`,
  )
  const { stdout } = await run('wrk', [
    ...['-t', '1', '-c', String(concurrency), '-d', `${seconds}s`, '--timeout', '30s'],
    ...['-s', script, `${origin}/v1/chat/completions`],
  ])
  await rm(folder, { recursive: true, force: true })
  const [requests = 0, duration = 1, bytes = 0, p50 = 0, p99 = 0, errors = 1] =
    /FIGURES (.*)/.exec(stdout)?.[1]?.split(' ').map(Number) ?? []
  if (errors > 0) throw new Error(`${name}: ${errors} of ${requests} requests failed\n${stdout}`)
  const time = duration / 1e6
  return { requestsPerSecond: requests / time, bytesPerSecond: bytes / time, p50: p50 / 1e3, p99: p99 / 1e3 }
}
