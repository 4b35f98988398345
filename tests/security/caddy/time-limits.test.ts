import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { second } from '../../../core/clock.ts'
import { limits } from '../../../core/http/server-options.ts'
import { caddyfile } from '../../support/caddy.ts'

/** A limit of the Caddyfile, in milliseconds; NaN where there is none in seconds. */
async function limit(name: string): Promise<number> {
  const told = await readFile(caddyfile, 'utf8')
  return Number(new RegExp(`\\t${name} (\\d+)s\\n`).exec(told)?.[1]) * second
}

test('N1 a late body is given up by the router before Caddy does, which may answer it with a 200', async () => {
  expect(limits.requestTimeoutMs + limits.checkIntervalMs).toBeLessThan(await limit('read_body'))
})

test('N1 the limits of Caddy that can follow one another on a slow body are below 30 seconds together', async () => {
  const each = await Promise.all(['read_body', 'idle', 'read_header'].map(limit))
  expect(each.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(30 * second)
})
