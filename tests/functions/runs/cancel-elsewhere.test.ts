import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scopeOf } from '../../support/seed.ts'
import { openLab, type Person } from './lab.ts'

const script = new URL('../../support/host.ts', import.meta.url).pathname
const prompt = Array.from({ length: 1_000 }, (_, index) => `w${index}`).join(' ')
const lab = await openLab({ emulator: { pace: 20 } })
let elsewhere: { readonly origin: string; kill(signal: NodeJS.Signals): void }

beforeAll(async () => {
  const { openai } = lab.emulator.origins
  const child = spawn(process.execPath, [script], {
    env: { ...lab.oort.env, OORT_OPENAI_URL: openai },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [origin] = (await once(createInterface(child.stdout), 'line')) as [string]
  elsewhere = { origin, kill: (signal) => child.kill(signal) }
})
afterAll(async () => {
  elsewhere.kill('SIGKILL')
  await lab[Symbol.asyncDispose]()
})

/** A run in the other process, which has begun to answer. */
async function beginElsewhere({ token }: Person): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ model: 'gpt-5.4', prompt, keepRunning: true })
  const answer = await fetch(`${elsewhere.origin}/api/runs`, { method: 'POST', headers, body })
  await answer.body?.getReader().read()
  return String(answer.headers.get('x-oort-run-id'))
}

test('a run of another process is cancelled, and its owner’s log says who asked', async () => {
  const ada = await lab.person(['openai'])
  const id = await beginElsewhere(ada)
  const answer = await ada.browser.post(`/api/runs/${id}/cancel`)
  expect([answer.status, answer.json()['state']]).toEqual([200, 'cancelled'])
  expect(await lab.emulator.requests.at(-1)?.ended).toBe('abandoned')
  const scope = scopeOf(lab.oort.platform, ada.userId)
  const events = await scope.audit({ targetId: id, limit: 10 })
  const story = events.map(({ action }) => action)
  expect(story).toEqual(['run.finished', 'run.cancel_requested', 'run.started'])
})

test('another user’s run is not cancelled, in whichever process it is', async () => {
  const [ada, eve] = [await lab.person(['openai']), await lab.person([])]
  const id = await beginElsewhere(ada)
  expect((await eve.browser.post(`/api/runs/${id}/cancel`)).json()['code']).toBe('NOT_FOUND')
  expect((await ada.browser.get(`/api/runs/${id}`)).json()['state']).toBe('streaming')
  await ada.browser.post(`/api/runs/${id}/cancel`)
})

test('a process that does not answer leaves the run as it is, and says so', async () => {
  const ada = await lab.person(['openai'])
  const id = await beginElsewhere(ada)
  elsewhere.kill('SIGSTOP')
  const answer = await ada.browser.post(`/api/runs/${id}/cancel`)
  elsewhere.kill('SIGCONT')
  expect([answer.status, answer.json()['code']]).toEqual([409, 'CONFLICT'])
  await expect
    .poll(async () => (await ada.browser.get(`/api/runs/${id}`)).json()['state'], { timeout: 10_000 })
    .toBe('cancelled')
})
