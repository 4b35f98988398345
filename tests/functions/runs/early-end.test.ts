import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { liveRunsOf } from '../../../core/runs/live-runs.ts'
import { eventsIn, openLab, textIn } from './lab.ts'

const lab = await openLab({ emulator: { pace: 20 } })
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => lab.emulator.reset())
const ada = await lab.person()
const prompt = Array.from({ length: 200 }, (_, index) => `w${index}`).join(' ')

/** Reads until the answer has begun, and gives the reader for the rest. */
async function begin(path: string, body: unknown, signal: AbortSignal | null = null) {
  const headers = { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' }
  const answer = await fetch(lab.oort.origin + path, { method: 'POST', headers, body: JSON.stringify(body), signal })
  const runId = String(answer.headers.get('x-oort-run-id'))
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined) throw new Error('no body')
  let text = ''
  while (!text.includes('w3')) {
    const { value = '', done } = await reader.read()
    if (done) throw new Error(`ended early: ${text}`)
    text += value
  }
  return { runId, reader, text }
}

async function settled(runId: string): Promise<Record<string, unknown>> {
  for (;;) {
    const run = (await ada.browser.get(`/api/runs/${runId}`)).json()
    if (run['finishedAt'] !== null) return run
    await wait(5)
  }
}

const streamed = [
  ['/api/runs', { model: 'gpt-5.4', prompt }],
  ['/v1/chat/completions', { model: 'gpt-5.4', stream: true, messages: [{ role: 'user', content: prompt }] }],
  [
    '/v1/messages',
    { model: 'claude-sonnet-5', max_tokens: 500, stream: true, messages: [{ role: 'user', content: prompt }] },
  ],
] as const

test.each(streamed)(
  'a caller who leaves %s ends the work of the provider at once; what came is kept',
  async (path, body) => {
    const leaving = new AbortController()
    const { runId } = await begin(path, body, leaving.signal)
    const left = performance.now()
    leaving.abort()
    expect(await lab.emulator.requests[0]?.ended).toBe('abandoned')
    expect(performance.now() - left).toBeLessThan(1_000)
    const run = await settled(runId)
    expect(run).toMatchObject({
      state: 'cancelled',
      errorCode: 'RUN_CANCELLED',
      usageEstimated: true,
      outputCut: false,
    })
    expect(run['output']).toMatch(/^You said: w0 w1 w2 w3/)
    expect(run['outputTokens']).toBeGreaterThanOrEqual(Math.ceil(String(run['output']).length / 4))
    expect(run['costMicroUsd']).toBeGreaterThan(0)
  },
)

test('a caller who leaves before the answer begins, streamed or not, ends it too', async () => {
  for (const stream of [true, false]) {
    lab.emulator.reset()
    lab.emulator.script('openai', 'silence')
    const leaving = new AbortController()
    const sent = ada.browser.fetch('POST', '/api/runs', {
      body: { model: 'gpt-5.4', prompt: 'x', stream },
      signal: leaving.signal,
    })
    while (lab.emulator.requests.length === 0) await wait(5)
    leaving.abort()
    await sent.catch(() => {})
    expect(await lab.emulator.requests[0]?.ended).toBe('abandoned')
    const [run] = (await ada.browser.get('/api/runs?limit=1')).json<{ runs: { id: string }[] }>().runs
    expect(await settled(String(run?.id))).toMatchObject({ state: 'cancelled', output: null, outputTokens: null })
  }
})

test('a run is cancelled by its id: the stream says so, and the answer tells what became of it', async () => {
  const { runId, reader, text } = await begin('/api/runs', { model: 'gpt-5.4', prompt })
  const cancelled = await ada.browser.post(`/api/runs/${runId}/cancel`)
  expect(cancelled.json()).toMatchObject({ id: runId, state: 'cancelled' })
  expect(await lab.emulator.requests[0]?.ended).toBe('abandoned')
  let rest = text
  for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value
  const last = eventsIn(rest).at(-1)
  expect(last).toMatchObject({ event: 'error', data: { runId, code: 'RUN_CANCELLED', run: { state: 'cancelled' } } })
  expect(textIn(eventsIn(rest))).toBe((await settled(runId))['output'])
  expect((await ada.browser.post(`/api/runs/${runId}/cancel`)).json()).toMatchObject({ state: 'cancelled' })
})

test('a run that is under way is not deleted', async () => {
  const leaving = new AbortController()
  const { runId } = await begin('/api/runs', { model: 'gpt-5.4', prompt }, leaving.signal)
  const refused = await ada.browser.delete(`/api/runs/${runId}`)
  expect([refused.status, refused.json()['code']]).toEqual([409, 'CONFLICT'])
  leaving.abort()
  await settled(runId)
  expect((await ada.browser.delete(`/api/runs/${runId}`)).status).toBe(200)
})

test('all runs of a user can be ended at once; those of others go on', async () => {
  const other = await lab.person(['openai'])
  const others = other.browser.post('/api/runs', { model: 'gpt-5.4', prompt: 'a b c d e f' })
  const begun = await Promise.all([1, 2, 3].map(() => begin('/api/runs', { model: 'gpt-5.4', prompt })))
  await liveRunsOf(lab.oort.platform).abortAllOf(ada.userId)
  for (const { runId } of begun) expect((await settled(runId))['state']).toBe('cancelled')
  expect(eventsIn((await others).text).at(-1)?.event).toBe('done')
})

test('a user has at most 64 runs under way, and as many again when they have ended', async () => {
  const person = await lab.person(['openai'])
  lab.emulator.script('openai', ...Array<'silence'>(64).fill('silence'))
  const headers = { authorization: `Bearer ${person.token}` }
  const body = { model: 'gpt-5.4', prompt: 'x', stream: false }
  const waiting = Array.from({ length: 64 }, () => person.browser.post('/api/runs', body, headers))
  while (lab.emulator.requests.length < 64) await wait(10)
  const refused = await person.browser.post('/api/runs', body, headers)
  expect([refused.status, refused.json()['code']]).toEqual([429, 'RATE_LIMITED'])
  expect((await ada.browser.post('/api/runs', body)).status).toBe(200)
  await liveRunsOf(lab.oort.platform).abortAllOf(person.userId)
  expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([409]))
  expect((await person.browser.post('/api/runs', body, headers)).status).toBe(200)
})

test('a process that stops marks what it could not finish as interrupted, and keeps what came', async () => {
  await using second = await openLab({ emulator: { pace: 20 } })
  const person = await second.person(['openai'])
  const answer = await person.browser.fetch('POST', '/api/runs', { body: { model: 'gpt-5.4', prompt } })
  const runId = String(answer.headers.get('x-oort-run-id'))
  const reader = answer.body?.getReader()
  for (let heard = ''; !heard.includes('w3'); ) heard += new TextDecoder().decode((await reader?.read())?.value)
  const rest = (async () => {
    let text = ''
    for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
      text += new TextDecoder().decode(part.value)
    }
    return text
  })()
  const { dataDir, env } = second.oort
  const { mkdtemp, cp, rm } = await import('node:fs/promises')
  const { tmpdir } = await import('node:os')
  await second.oort.app.close()
  expect(eventsIn(await rest).at(-1)).toMatchObject({ event: 'error', data: { code: 'SHUTTING_DOWN' } })

  const copy = await mkdtemp(`${tmpdir()}/oort-copy-`)
  await cp(dataDir, copy, { recursive: true })
  const { startOort } = await import('../../support/oort.ts')
  const again = await startOort({ env, dataDir: copy })
  const { scopeOf } = await import('../../support/seed.ts')
  const { runs } = await import('../../../core/store/schema.ts')
  const run = await scopeOf(again.platform, person.userId).find(runs, runId as never, ['output'])
  expect(run).toMatchObject({ state: 'interrupted', errorCode: 'SHUTTING_DOWN' })
  expect(run.output).toMatch(/^You said:/)
  await again.close()
  await rm(copy, { recursive: true })
})

test('the deletion of an account ends its runs, and nothing of them is written any more', async () => {
  const { password } = await import('../../support/oort.ts')
  const person = await lab.person(['openai'])
  const answer = await person.browser.fetch('POST', '/api/runs', { body: { model: 'gpt-5.4', prompt } })
  await answer.body?.getReader().read()
  const deleted = await person.browser.send('DELETE', '/api/auth/account', { body: { password } })
  expect(deleted.json()).toMatchObject({ rowsDeleted: { runs: 1 } })
  expect(await lab.emulator.requests.at(-1)?.ended).toBe('abandoned')
  expect(lab.oort.log()).not.toContain('could not be written down')
})
