import { newId, type ProviderKeyId } from '../../core/ids.ts'
import { listRuns } from '../../core/runs/list-runs.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import { runs } from '../../core/store/schema.ts'
import { keepFigure } from '../bars/figures.ts'
import { median } from '../support/median.ts'
import { openHouse, type SmallHouse } from '../support/small-house.ts'

/**
 * B5: what a page of the history, a page deep inside it, a search and an insert cost one user with 10^3, 10^4 … 10^6
 * runs, as multiples of what they cost at 10^3. Bar: within 1.5. `node tests/bench/history.ts [runs]`
 */
const most = Number(process.argv[2] ?? 1_000_000)
const bar = 1.5
const rounds = 400
const together = 250

const words = ['comet', 'orbit', 'cloud', 'shell', 'probe', 'dust', 'tail', 'ice', 'sun', 'drift', 'haze', 'belt']

/** A prompt of some words that many runs share, one that a hundred do, and one of its own. */
function promptOf(at: number): string {
  const shared = Array.from({ length: 4 }, (_, each) => words[(at * 7 + each * 5) % words.length])
  return `${shared.join(' ')} topic${Math.floor(at / 100)} unique${at}`
}

async function add(scope: UserScope, providerKeyId: ProviderKeyId, from: number, count: number): Promise<void> {
  const add = (at: number) => {
    const prompt = promptOf(at)
    const row = { endpoint: 'runs', provider: 'openai', model: 'gpt-5.4', state: 'succeeded', providerKeyId } as const
    const event = { type: 'run.started', providerKeyId } as const
    const rest = { instanceId: newId('instance'), prompt, excerpt: prompt, inputTokens: 20, outputTokens: 200 }
    return scope.write((tx) => tx.insert(runs, { ...row, ...rest }, event, { searchText: prompt }))
  }
  for (let done = 0; done < count; done += together) {
    await Promise.all(Array.from({ length: Math.min(together, count - done) }, (_, each) => add(from + done + each)))
  }
}

/** The medians of each deed, in microseconds; the deeds take turns, so that a busy moment strikes all of them. */
async function measure(house: SmallHouse, scope: UserScope, providerKeyId: ProviderKeyId, size: number) {
  const page = (query: object) => listRuns(house.platform, scope, { limit: 20, ...query })
  let cursor: string | null = null
  for (let pages = 0; pages < 20; pages += 1) cursor = (await page(cursor === null ? {} : { cursor })).nextCursor
  const deeds: Readonly<Record<string, (round: number) => Promise<unknown>>> = {
    page: () => page({}),
    'deep page': () => page({ cursor }),
    'search, common word': () => page({ text: 'comet' }),
    'search, two words': () => page({ text: 'comet dust' }),
    'search, rare word': (round) => page({ text: `unique${(round * 7919) % size}` }),
    insert: (round) => add(scope, providerKeyId, size + round, 1),
  }
  const times = new Map<string, number[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, deed] of Object.entries(deeds)) {
      const started = performance.now()
      await deed(round)
      times.set(name, [...(times.get(name) ?? []), (performance.now() - started) * 1_000])
    }
  }
  return Object.fromEntries([...times].map(([name, each]) => [name, median(each)]))
}

/** Each word is in a third of the runs and none has both, so that all runs of the one are looked up. Milliseconds. */
async function searchInVain(house: SmallHouse, scope: UserScope): Promise<number> {
  const started = performance.now()
  await listRuns(house.platform, scope, { limit: 20, text: 'comet orbit' })
  return performance.now() - started
}

const house = await openHouse()
try {
  const scope = await house.user()
  const providerKeyId = newId('providerKey')
  let size = 0
  let first: Readonly<Record<string, number>> | undefined
  let worst = { name: '', ratio: 0 }
  for (let next = 1_000; next <= most; next *= 10) {
    await add(scope, providerKeyId, size, next - size)
    size = next
    const found = await measure(house, scope, providerKeyId, size)
    size += rounds
    first ??= found
    const told = Object.entries(found).map(([name, micros]) => {
      const ratio = micros / (first?.[name] ?? Number.NaN)
      if (next === most && ratio > worst.ratio) worst = { name, ratio }
      return `${name} ${micros.toFixed(0)} µs (${ratio.toFixed(2)} ×)`
    })
    const vain = (await searchInVain(house, scope)).toFixed(0)
    process.stdout.write(`${next.toLocaleString('en')} runs: ${told.join(', ')}; two words never together ${vain} ms\n`)
  }
  await keepFigure('B5', `${most.toLocaleString('en')} runs: at worst ${worst.ratio.toFixed(2)} × (${worst.name})`)
  if (worst.ratio > bar) process.exitCode = 1
} finally {
  await house.close()
}
