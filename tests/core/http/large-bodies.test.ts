import { once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import { afterAll, expect, test } from 'vitest'
import { largeBodiesOf, largeBodyLimits } from '../../../core/http/large-bodies.ts'
import { openLab } from '../../functions/runs/lab.ts'

const lab = await openLab()
afterAll(() => lab[Symbol.asyncDispose]())

const MiB = 1_024 * 1_024
const path = '/v1/chat/completions'
const body = (length: number) => ({
  model: 'gpt-5.4',
  stream: true,
  messages: [{ role: 'user', content: 'x'.repeat(length) }],
})

/** Announces a body of this length, or of none, and sends a byte of it. */
function begin(token: string, length?: number): ClientRequest {
  const type = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const headers = length === undefined ? type : { ...type, 'content-length': String(length) }
  const held = request(lab.oort.origin + path, { method: 'POST', headers })
  held.on('error', () => undefined).write('{')
  return held
}

const ask = async (token: string, length: number) => {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await lab.oort.browser().post(path, body(length), headers)
  return answer.status === 200 ? '200' : `${answer.status} ${answer.json()['code']}`
}

/** Whether the process has room for a byte more of a caller. */
function hasRoom(userId: string): boolean {
  try {
    largeBodiesOf(lab.oort.platform).take(userId, 1)()
    return true
  } catch {
    return false
  }
}

test('a caller whose large requests are under way gets no room for more, until they are gone', async () => {
  const [ada, bob] = [await lab.person(), await lab.person()]
  const held = [begin(ada.token, 8 * MiB), begin(ada.token), begin(ada.token, 8 * MiB), begin(ada.token, 8 * MiB)]
  await expect.poll(() => hasRoom(ada.userId)).toBe(false)
  expect(await ask(ada.token, 100_000)).toBe('429 RATE_LIMITED')
  expect(await ask(ada.token, 100)).toBe('200')
  expect(await ask(bob.token, 100_000)).toBe('200')
  for (const each of held) each.destroy()
  await expect.poll(() => ask(ada.token, 100_000)).toBe('200')
})

test('what all callers have under way together is bounded', async () => {
  const people = await Promise.all([lab.person(), lab.person(), lab.person()])
  const held = people.slice(0, 2).flatMap(({ token }) => Array.from({ length: 4 }, () => begin(token, 8 * MiB)))
  const third = people[2]?.token ?? ''
  await expect.poll(() => hasRoom(people[2]?.userId ?? '')).toBe(false)
  expect(await ask(third, 100_000)).toBe('503 OVERLOADED')
  for (const each of held) each.destroy()
  await expect.poll(() => ask(third, 100_000)).toBe('200')
})

test('a stream holds no room for the body that it answers', async () => {
  const { token, userId } = await lab.person()
  lab.emulator.script('openai', 'stall')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const asking = request(lab.oort.origin + path, { method: 'POST', headers })
  asking.end(JSON.stringify(body(4 * MiB)))
  const [answer] = await once(asking, 'response')
  answer.on('error', () => undefined)
  await once(answer, 'data')
  largeBodiesOf(lab.oort.platform).take(userId, largeBodyLimits.ofCaller)()
  asking.destroy()
})
