import { cpus } from 'node:os'
import { build } from '../../infra/bundling/build.ts'
import type { Contender, Scenario } from './gateway/contender.ts'
import { startOortBundle } from './gateway/oort.ts'
import { startPortkey } from './gateway/portkey.ts'
import { startProvider } from './gateway/provider.ts'
import { record } from './gateway/record.ts'
import { type Result, renderResults } from './gateway/results.ts'
import { startPassThrough } from './gateway/start-pass-through.ts'
import { load } from './gateway/wrk.ts'

/**
 * What Oort costs beside the raw limit and a peer: the provider direct, a bare pass-through, Oort with all that it keeps
 * and checks, and Portkey's gateway, in turn and in one run. Bars B1 and B2. Writes its part of RESULTS.md.
 * `node tests/bench/gateway.ts [rounds] [seconds]`
 */
const rounds = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 6)
const concurrencies = [1, 16]
const onEachCore = { OORT_WORKERS: String(cpus().length) }

/** Starts who is to be measured; one who cannot answer the scenario is left out, and the reason is told. */
async function lineUp(scenario: Scenario): Promise<{ contenders: Contender[]; missing: string[] }> {
  const contenders: Contender[] = [{ name: 'Direct', origin: scenario.provider, headers: {}, stop: async () => {} }]
  const missing: string[] = []
  const ofWorkers = (provider: string) => startOortBundle(provider, onEachCore)
  for (const begin of [startPassThrough, startOortBundle, ofWorkers, startPortkey]) {
    const contender = await begin(scenario.provider)
    const problem = await check(contender, scenario)
    if (problem === undefined) contenders.push(contender)
    else {
      missing.push(`${contender.name}, ${scenario.name}: ${problem}`)
      await contender.stop()
    }
  }
  return { contenders, missing }
}

/** A wrong answer is fast too: each must bring the provider's own bytes. */
async function check({ origin, headers }: Contender, { body, provider }: Scenario): Promise<string | undefined> {
  const ask = (at: string, extra: Readonly<Record<string, string>>) =>
    fetch(`${at}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...extra },
      body,
    })
  const [wanted, answer] = await Promise.all([ask(provider, {}), ask(origin, headers)])
  const [expected, text] = [await wanted.text(), await answer.text()]
  if (!answer.ok) return `it answered ${answer.status}: ${text.slice(0, 120)}`
  const [type, expectedType] = [answer, wanted].map((each) => each.headers.get('content-type')?.split(';')[0])
  if (type !== expectedType) return `it answered ${type}, where the provider said ${expectedType}`
  return text === expected ? undefined : `it answered something else: ${text.slice(0, 120)}`
}

await build()
const provider = await startProvider()
const question = { model: 'gpt-5.4', messages: [{ role: 'user', content: 'What is the Oort cloud? '.repeat(4) }] }
const scenarios: readonly Scenario[] = [
  { name: 'JSON', body: JSON.stringify(question), provider: provider.json },
  { name: 'SSE', body: JSON.stringify({ ...question, stream: true }), provider: provider.sse },
]
const results: Result[] = []
const missing: string[] = []
const notes = new Set<string>()
for (const scenario of scenarios) {
  const line = await lineUp(scenario)
  missing.push(...line.missing)
  for (const { note } of line.contenders) if (note !== undefined) notes.add(note)
  for (let round = 0; round <= rounds; round += 1) {
    for (const contender of line.contenders) {
      for (const concurrency of concurrencies) {
        // The first round warms up, and does not count.
        const figures = await load(contender, scenario, { concurrency, seconds: round === 0 ? 2 : seconds })
        if (round > 0) results.push({ scenario: scenario.name, contender: contender.name, concurrency, figures })
      }
    }
  }
  for (const contender of line.contenders) await contender.stop()
}
await provider.stop()

const report = renderResults(results, { missing, notes: [...notes], bytes: provider.bytes, rounds, seconds })
process.stdout.write(report)
await record('gateway', report)
