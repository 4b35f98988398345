import { once } from 'node:events'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { OortError } from '../../../core/errors.ts'
import { adapterOf } from '../../../core/providers/adapters.ts'
import { relay } from '../../../core/runs/relay.ts'
import type { Run } from '../../../core/runs/run-order.ts'

test('a run whose whole answer waits for a caller who does not read ends as soon as it is cancelled', async () => {
  // More than the relay holds for its reader, and less than it takes from the provider: its body ends, the run goes on.
  const chunk = `data: {"choices":[{"delta":{"content":"${'x'.repeat(10_000)}"}}]}\n\n`
  const body = Readable.from(Array.from({ length: 10 }, () => Buffer.from(chunk)))
  const live = new AbortController()
  const settled: (string | undefined)[] = []
  const caller = relay({
    body,
    follower: adapterOf('openai').followStream('chat.completions'),
    renderer: { more: (bytes) => bytes, end: () => undefined },
    signal: live.signal,
    take: () => undefined,
    abort: (reason) => live.abort(reason),
    async settle(failure) {
      settled.push(failure?.code)
      return {} as Run
    },
  })
  await once(body, 'end')
  expect(settled).toEqual([])
  live.abort(new OortError('RUN_CANCELLED'))
  expect(settled).toEqual(['RUN_CANCELLED'])
  await expect(caller.resume().toArray()).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
})
