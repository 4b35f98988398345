import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { build } from '../../infra/bundling/build.ts'
import { warmCode } from '../../infra/bundling/warm-code.ts'
import { keepFigure } from '../bars/figures.ts'
import { median } from '../support/median.ts'
import { openAccount, startOortBundle } from './gateway/oort.ts'
import { record } from './gateway/record.ts'

/**
 * B4: the memory of one worker that has just started, of one at rest, and with 1,000 streams open, each of which brings
 * a word ten times a second; and how long a short run takes beside them. Bars: at most 100 MB at rest, 250 MB with the
 * streams.
 * `node tests/bench/streams.ts [streams]`
 */
const wanted = Number(process.argv[2] ?? 1_000)
const bars = { rest: 100e6, streams: 250e6 }
const everyMs = 100
/** V8 gives back what a start took when there has been little to do for half a minute, and at times in two steps. */
const restMs = 75_000
/** How many of its runs one account may have under way at once. */
const perAccount = 60

const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5.4', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const word = chunk({ content: 'word ' })
const end = `${chunk({}, 'stop')}data: [DONE]\n\n`

/** Streams words until it is told to end; a question that asks for no stream is answered at once. */
async function startDripping() {
  const open = new Set<ServerResponse>()
  const server = createServer(async (incoming, answer) => {
    const asked = (await Array.fromAsync(incoming)).join('')
    if (!asked.includes('"stream":true')) {
      const choices = [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }]
      answer.setHeader('content-type', 'application/json')
      answer.end(JSON.stringify({ id: 'chatcmpl-2', object: 'chat.completion', created: 1, model: 'gpt-5.4', choices }))
      return
    }
    answer.setHeader('content-type', 'text/event-stream')
    answer.write(word)
    open.add(answer)
    answer.on('close', () => open.delete(answer))
  })
  const timer = setInterval(() => {
    for (const answer of open) answer.write(word)
  }, everyMs)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open,
    async stop() {
      clearInterval(timer)
      for (const answer of open) answer.end(end)
      await sleep(1_000)
      server.closeAllConnections()
      server.close()
    },
  }
}

// As it is shipped: code that V8 compiled at build time takes less than code that it compiles.
await warmCode(await build())
const provider = await startDripping()
const oort = await startOortBundle(provider.origin)
const agent = new Agent({ connections: wanted + 8, pipelining: 1, bodyTimeout: 0, headersTimeout: 0 })
const ask = (stream: boolean, headers = oort.headers) =>
  request(`${oort.origin}/v1/chat/completions`, {
    method: 'POST',
    dispatcher: agent,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-5.4', stream, messages: [{ role: 'user', content: 'Is it cold there?' }] }),
  })
const memory = async () => (await oort.memory?.()) ?? Number.NaN

async function shortRuns(count: number): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = []
  for (let run = 0; run < count; run += 1) {
    const started = performance.now()
    await (await ask(false)).body.dump()
    times.push(performance.now() - started)
  }
  return { p50: median(times), p99: times.toSorted((a, b) => a - b)[Math.floor(count * 0.99)] ?? Number.NaN }
}

try {
  await sleep(5_000)
  const started = await memory()
  await sleep(restMs)
  const rest = await memory()
  const alone = await shortRuns(300)
  for (let at = 0; at < wanted; at += perAccount) {
    const headers = await openAccount(oort.origin, `user-${at}@example.com`)
    const batch = await Promise.all(Array.from({ length: Math.min(perAccount, wanted - at) }, () => ask(true, headers)))
    for (const { statusCode, body } of batch) {
      if (statusCode !== 200) throw new Error(`a stream answered ${statusCode}: ${await body.text()}`)
      body.resume()
    }
  }
  await sleep(10_000)
  const [held, streams] = [provider.open.size, await memory()]
  const beside = await shortRuns(300)
  const figures = {
    bench: 'streams',
    startedMB: Math.round(started / 1e6),
    restMB: Math.round(rest / 1e6),
    open: held,
    streamsMB: Math.round(streams / 1e6),
    shortRunAloneMs: { p50: Number(alone.p50.toFixed(1)), p99: Number(alone.p99.toFixed(1)) },
    shortRunBesideMs: { p50: Number(beside.p50.toFixed(1)), p99: Number(beside.p99.toFixed(1)) },
  }
  process.stdout.write(`${JSON.stringify(figures)}\n`)
  await keepFigure('B4', `${figures.restMB} MB at rest, ${figures.streamsMB} MB with ${held} open streams`)
  await record(
    'streams',
    [
      '# Benchmark: memory, and many streams',
      '',
      `Resident memory of one worker: just started, after ${restMs / 1_000} s with nothing to do, and with ${held} streams open, each of which`,
      'brings a word ten times a second. `npm run bench streams` writes this part.',
      '',
      '| | |',
      '|---|---:|',
      `| just started, MB | ${figures.startedMB} |`,
      `| at rest, MB (bar: ${bars.rest / 1e6}) | ${figures.restMB} |`,
      `| with the streams, MB (bar: ${bars.streams / 1e6}) | ${figures.streamsMB} |`,
      `| a short run alone, p50 and p99, ms | ${figures.shortRunAloneMs.p50} and ${figures.shortRunAloneMs.p99} |`,
      `| a short run beside them, p50 and p99, ms | ${figures.shortRunBesideMs.p50} and ${figures.shortRunBesideMs.p99} |`,
      '',
    ].join('\n'),
  )
  if (rest > bars.rest || streams > bars.streams || held < wanted) process.exitCode = 1
} finally {
  await provider.stop()
  await oort.stop()
  await agent.destroy()
}
