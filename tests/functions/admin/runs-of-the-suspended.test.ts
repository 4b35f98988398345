import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insideOf } from '../../../core/platform.ts'
import { liveRunsOf } from '../../../core/runs/live-runs.ts'
import { createAdminScope } from '../../../core/scope/admin-scope.ts'
import { runs } from '../../../core/store/schema.ts'
import { whileNothingIsWritten } from '../../support/behind-the-store.ts'
import { password } from '../../support/oort.ts'
import { scopeOf } from '../../support/seed.ts'
import { type Lab, openLab, type Person } from '../runs/lab.ts'
import { act, administrator, codeOf } from './lab.ts'

const script = new URL('../../support/host.ts', import.meta.url).pathname
const prompt = Array.from({ length: 400 }, (_, index) => `w${index}`).join(' ')
const run = { model: 'gpt-5.4', prompt }

let lab: Lab
let admin: Person
let elsewhere: { readonly origin: string; end(): Promise<unknown> }

beforeAll(async () => {
  lab = await openLab({ emulator: { pace: 50 } })
  admin = await administrator(lab)
  const { openai } = lab.emulator.origins
  const child = spawn(process.execPath, [script], {
    env: { ...lab.oort.env, OORT_OPENAI_URL: openai },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [origin] = (await once(createInterface(child.stdout), 'line')) as [string]
  elsewhere = {
    origin,
    end() {
      child.kill('SIGKILL')
      return once(child, 'exit')
    },
  }
})
afterAll(async () => {
  await elsewhere.end()
  await lab[Symbol.asyncDispose]()
})

/** A run in the other process, which has begun to answer. */
async function beginElsewhere({ token }: Person) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(`${elsewhere.origin}/api/runs`, { method: 'POST', headers, body: JSON.stringify(run) })
  const reader = answer.body?.getReader()
  await reader?.read()
  return { id: String(answer.headers.get('x-oort-run-id')), sent: lab.emulator.requests.at(-1), reader }
}

test('a suspension ends runs of another process, as cancelled, and the provider’s work on them', async () => {
  const person = await lab.person(['openai'])
  const { id, sent } = await beginElsewhere(person)
  await act(admin, person, 'suspend', { reason: 'abuse' })
  expect(await sent?.ended).toBe('abandoned')
  const scope = scopeOf(lab.oort.platform, person.userId)
  await expect.poll(async () => (await scope.find(runs, id as never)).state, { timeout: 10_000 }).toBe('cancelled')
})

test('the deletion of an account ends runs of another process, and they write nothing more', async () => {
  const person = await lab.person(['openai'])
  const bystander = await lab.person(['openai'])
  const kept = await beginElsewhere(bystander)
  const { sent, reader } = await beginElsewhere(person)
  const deleted = await person.browser.send('DELETE', '/api/auth/account', { body: { password } })
  expect(deleted.status).toBe(200)
  expect(await sent?.ended).toBe('abandoned')
  while (!(await reader?.read().catch(() => ({ done: true })))?.done);
  const scope = scopeOf(lab.oort.platform, person.userId)
  expect(await scope.count(runs)).toBe(0)
  expect(await scope.audit({ limit: 1 })).toMatchObject([{ action: 'user.deleted' }])
  expect((await scopeOf(lab.oort.platform, bystander.userId).find(runs, kept.id as never)).state).toBe('streaming')
  await kept.reader?.cancel()
})

test('a run that was about to begin when its account was suspended does not', async () => {
  const person = await lab.person(['openai'])
  const seen = lab.emulator.requests.length
  const { platform } = lab.oort
  const scope = await createAdminScope(insideOf(platform), admin.userId, 'req_test')
  const { suspended, answer } = await whileNothingIsWritten(platform, async () => {
    const suspending = scope.suspend(person.userId, 'abuse')
    // Its place in the queue is the first.
    await sleep(200)
    const answering = person.browser.post('/api/runs', { ...run, stream: false })
    // It was let in, and waits to be written down.
    await expect.poll(() => liveRunsOf(platform).owners()).toContain(person.userId)
    return { suspended: suspending, answer: answering }
  })
  await suspended
  expect(codeOf(await answer)).toBe('403 ACCOUNT_SUSPENDED')
  expect(lab.emulator.requests).toHaveLength(seen)
  expect(liveRunsOf(lab.oort.platform).owners()).toEqual([])
})
