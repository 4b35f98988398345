import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLog } from '../../../core/log.ts'
import { createLater } from '../../../functions/auth/later.ts'

function lab() {
  const lines: string[] = []
  const log = createLog(
    { logLevel: 'info' },
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    }),
  )
  return { later: createLater(log), lines }
}

test('nothing starts before the caller is done, and settled waits for all of it', async () => {
  const { later } = lab()
  const done: string[] = []
  later('outer', async () => {
    await sleep(5)
    done.push('outer')
    later('inner', async () => {
      await sleep(5)
      done.push('inner')
    })
  })
  await Promise.resolve()
  expect(done).toEqual([])
  await later.settled()
  expect(done).toEqual(['outer', 'inner'])
})

test('a task that fails is logged by its name, without what it said, and stops no other', async () => {
  const { later, lines } = lab()
  let reached = false
  later('first', () => Promise.reject(new Error('to ada@example.com')))
  later('second', async () => {
    reached = true
  })
  await later.settled()
  expect(reached).toBe(true)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('"task":"first"')
  expect(lines[0]).not.toContain('ada@example.com')
})

test('four run at once, and the queue is bounded', async () => {
  const { later, lines } = lab()
  const state = { running: 0, most: 0, done: 0 }
  for (let count = 0; count < 1_005; count += 1) {
    later('task', async () => {
      state.running += 1
      state.most = Math.max(state.most, state.running)
      await new Promise(setImmediate)
      state.running -= 1
      state.done += 1
    })
  }
  await later.settled()
  expect(state).toEqual({ running: 0, most: 4, done: 1_000 })
  expect(lines).toHaveLength(5)
})
