import { afterAll, beforeEach, expect, test } from 'vitest'
import { OortError } from '../../../core/errors.ts'
import { adapterOf } from '../../../core/providers/adapters.ts'
import type { StreamEvent } from '../../../core/providers/provider.ts'
import { maxBodyBytes, readBody } from '../../../core/providers/read-body.ts'
import type { Behaviour } from '../../support/emulator/behaviours.ts'
import { ask, openLab } from './lab.ts'

const { emulator, upstream, ...lab } = await openLab()
beforeEach(() => emulator.reset())
afterAll(() => lab[Symbol.asyncDispose]())

const megabyte = 1024 * 1024

/** The most that the process grew while `work` ran; the emulator runs in it too. Bytes. */
async function growth(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss()
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 5)
  await work()
  clearInterval(watch)
  return Math.max(most, process.memoryUsage.rss()) - before
}

/** Follows a streamed run to its last event, then leaves, as a run does. */
async function follow(behaviour: Behaviour): Promise<StreamEvent | undefined> {
  const response = await upstream.send(ask('openai', behaviour, { stream: true }))
  const follower = adapterOf('openai').followStream()
  for await (const chunk of response.body) {
    const last = follower.push(chunk).at(-1)
    if (last?.type === 'error' || last?.type === 'done') return last
  }
  return follower.end().at(-1)
}

test.each(['huge-answer', 'huge-error'] as const)(
  'X2 of a gigabyte no more is held than the bound: %s',
  async (behaviour) => {
    const grown = await growth(async () => {
      const response = await upstream.send(ask('openai', behaviour))
      await expect(readBody(response.body)).rejects.toMatchObject({ code: 'PROVIDER_RESPONSE_INVALID' })
    })
    expect(await emulator.requests[0]?.ended).toBe('abandoned')
    expect(grown).toBeLessThan(maxBodyBytes * 2 + 48 * megabyte)
  },
)

test('X2 an endless stream is left at its bound', async () => {
  const grown = await growth(async () => {
    expect(await follow('endless')).toMatchObject({ type: 'error', code: 'PROVIDER_RESPONSE_INVALID' })
  })
  expect(await emulator.requests[0]?.ended).toBe('abandoned')
  expect(grown).toBeLessThan(96 * megabyte)
})

test('X2 an endless event is left at its bound', async () => {
  const grown = await growth(async () => {
    expect(await follow('endless-event')).toMatchObject({ type: 'error', code: 'PROVIDER_RESPONSE_INVALID' })
  })
  expect(await emulator.requests[0]?.ended).toBe('abandoned')
  expect(grown).toBeLessThan(64 * megabyte)
})

test('X2 broken events, a cut and an error after 200 end the stream as an error', async () => {
  expect(await follow('stream-broken')).toMatchObject({ type: 'error', code: 'PROVIDER_RESPONSE_INVALID' })
  expect(await follow('stream-cut')).toMatchObject({ type: 'error', code: 'PROVIDER_RESPONSE_INVALID' })
  expect(await follow('stream-error')).toMatchObject({ type: 'error', code: 'PROVIDER_ERROR' })
})

test('X2 an answer that is no JSON, or JSON of another shape, is PROVIDER_RESPONSE_INVALID', async () => {
  for (const behaviour of ['answer-not-json', 'answer-wrong-shape'] as const) {
    const response = await upstream.send(ask('openai', behaviour))
    const text = (await readBody(response.body)).toString()
    const read = () => adapterOf('openai').readAnswer(text.startsWith('{') ? JSON.parse(text) : undefined)
    expect(read).toThrow(OortError)
  }
})
