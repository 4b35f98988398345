import { build } from '../../infra/bundling/build.ts'
import { median } from '../support/median.ts'
import { startOortBundle } from './gateway/oort.ts'
import { startProvider } from './gateway/provider.ts'
import { record } from './gateway/record.ts'
import { load } from './gateway/wrk.ts'

/**
 * Ten minutes of load, JSON and streams in turn at concurrency 16: memory must not grow. Compares the median of the
 * resident memory in the second fifth, when caches are full, with that of the last. Bar: within 1.15.
 * Writes its part of RESULTS.md.
 * `node tests/bench/soak.ts [minutes]`
 */
const minutes = Number(process.argv[2] ?? 10)
const bar = 1.15
const seconds = 10

await build()
const provider = await startProvider()
const contenders = [await startOortBundle(provider.json), await startOortBundle(provider.sse)]
const question = { model: 'gpt-5.4', messages: [{ role: 'user', content: 'What is the Oort cloud? '.repeat(4) }] }
const names = ['JSON', 'SSE'] as const
try {
  const seen = names.map((): number[] => [])
  const done = names.map(() => 0)
  for (let round = 0; round < (minutes * 60) / seconds / names.length; round += 1) {
    for (const [index, name] of names.entries()) {
      const [contender, memory] = [contenders[index], seen[index]]
      if (contender === undefined || memory === undefined) throw new RangeError('one contender for each')
      const body = JSON.stringify({ ...question, stream: name === 'SSE' })
      const scenario = { name, body, provider: name === 'JSON' ? provider.json : provider.sse }
      const { requestsPerSecond } = await load(contender, scenario, { concurrency: 16, seconds })
      done[index] = (done[index] ?? 0) + requestsPerSecond * seconds
      memory.push((await contender.memory?.()) ?? Number.NaN)
    }
  }
  const rows: string[] = []
  for (const [index, name] of names.entries()) {
    const memory = seen[index] ?? []
    const fifth = Math.max(1, Math.floor(memory.length / 5))
    const [early, late] = [median(memory.slice(fifth, 2 * fifth)), median(memory.slice(-fifth))]
    const figures = {
      runs: Math.round(done[index] ?? 0),
      earlyMB: Math.round(early / 1e6),
      lateMB: Math.round(late / 1e6),
    }
    process.stdout.write(
      `${JSON.stringify({ bench: 'soak', name, ...figures, ratio: Number((late / early).toFixed(3)) })}\n`,
    )
    rows.push(`| ${name} | ${figures.runs} | ${figures.earlyMB} | ${figures.lateMB} | ${(late / early).toFixed(2)} |`)
    if (late > early * bar) process.exitCode = 1
  }
  await record(
    'soak',
    [
      `# Benchmark: ${minutes} minutes of load`,
      '',
      'Resident memory at concurrency 16, JSON and streams in turn: the median of the second fifth, and of the last.',
      '`npm run bench soak` writes this part.',
      '',
      '| | runs | early, MB | late, MB | ratio |',
      '|---|---:|---:|---:|---:|',
      ...rows,
      '',
    ].join('\n'),
  )
} finally {
  for (const contender of contenders) await contender.stop()
  await provider.stop()
}
