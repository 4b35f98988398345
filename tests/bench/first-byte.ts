import { request } from 'undici'
import { build } from '../../infra/bundling/build.ts'
import { median } from '../support/median.ts'
import type { Contender } from './gateway/contender.ts'
import { startOortBundle } from './gateway/oort.ts'
import { startProvider } from './gateway/provider.ts'
import { record } from './gateway/record.ts'
import { startPassThrough } from './gateway/start-pass-through.ts'

/**
 * B2: how much later than through a bare pass-through the first byte of a stream arrives, one request at a time. In that
 * time Oort lets the caller in, opens the key, and has the run and both audit entries on disk. Bar: at most 1 ms.
 * Writes its part of RESULTS.md. `node tests/bench/first-byte.ts [requests]`
 */
const requests = Number(process.argv[2] ?? 1_000)
const warmUp = 200
const barMs = 1

const body = JSON.stringify({
  model: 'gpt-5.4',
  messages: [{ role: 'user', content: 'What is the Oort cloud? '.repeat(4) }],
  stream: true,
})

/** Milliseconds from the request to the first byte of the answer's body. */
async function firstByte({ origin, headers }: Contender): Promise<number> {
  const since = performance.now()
  const answer = await request(`${origin}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  if (answer.statusCode !== 200) throw new Error(`it answered ${answer.statusCode}`)
  let ms: number | undefined
  for await (const _ of answer.body) ms ??= performance.now() - since
  return ms ?? Number.NaN
}

await build()
const provider = await startProvider()
const [raw, oort] = [await startPassThrough(provider.sse), await startOortBundle(provider.sse)]
const times = new Map<Contender, number[]>([raw, oort].map((each) => [each, []]))
try {
  for (let at = -warmUp; at < requests; at += 1) {
    for (const [contender, all] of times) {
      const ms = await firstByte(contender)
      if (at >= 0) all.push(ms)
    }
  }
} finally {
  for (const contender of [raw, oort]) await contender.stop()
  await provider.stop()
}
const [bare, ours] = [raw, oort].map((each) => median(times.get(each) ?? [])) as [number, number]
const added = ours - bare
const report = [
  '# Benchmark: the first byte of a stream',
  '',
  `Medians of ${requests} streams each, one at a time and in turn, from the request to the first byte of the body.`,
  '`npm run bench first-byte` writes this part.',
  '',
  '| | ms |',
  '|---|---:|',
  `| ${raw.name} | ${bare.toFixed(2)} |`,
  `| ${oort.name} | ${ours.toFixed(2)} |`,
  '',
  `B2 asks for at most ${barMs} ms more than the pass-through: it is ${added.toFixed(2)} ms.`,
  '',
].join('\n')
process.stdout.write(report)
await record('first-byte', report)
if (added > barMs) process.exitCode = 1
