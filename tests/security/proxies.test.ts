import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { operation } from '../../core/http/operation.ts'
import { ask } from '../support/http.ts'
import { startOort } from '../support/oort.ts'

const tellAddress = () => ({
  name: 'address',
  operations: [
    operation({
      method: 'GET',
      url: '/test/address',
      access: 'public',
      summary: 'Tell the address that limits count by',
      limit: { calls: 3, perSeconds: 60 },
      schema: { response: { 200: z.object({ ip: z.string() }) } },
      handle: async ({ ip }, reply) => reply(200, { ip }),
    }),
  ],
})

const spoofed = {
  'x-real-ip': '203.0.113.66',
  forwarded: 'for=203.0.113.66',
  'x-client-ip': '203.0.113.66',
  'x-apigateway-event': encodeURIComponent(
    JSON.stringify({ requestContext: { http: { sourceIp: '203.0.113.66' }, identity: { sourceIp: '203.0.113.66' } } }),
  ),
  'x-apigateway-context': encodeURIComponent('{}'),
  'x-amzn-trace-id': 'Root=1',
}

describe('N3 behind no proxy', async () => {
  const oort = await startOort({ extra: tellAddress, env: { OORT_TRUSTED_PROXIES: '10.0.0.1' } })
  afterAll(() => oort.close())

  test('nothing that a caller says of its address counts', async () => {
    const headers = { ...spoofed, 'x-forwarded-for': '203.0.113.66' }
    const { text } = await ask(oort.origin, { path: '/test/address', headers })
    expect(JSON.parse(text)).toEqual({ ip: '127.0.0.1' })
  })

  test('a new X-Forwarded-For for each try buys no further tries', async () => {
    const statuses: number[] = []
    for (let at = 0; at < 5; at += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${at}` }
      statuses.push((await ask(oort.origin, { path: '/test/address', headers })).status)
    }
    expect(statuses).toEqual([200, 200, 429, 429, 429])
  })
})

describe('N3 behind a trusted proxy', async () => {
  const oort = await startOort({ extra: tellAddress })
  afterAll(() => oort.close())
  const addressOf = async (forwarded: string) => {
    const headers = { ...spoofed, 'x-forwarded-for': forwarded }
    return JSON.parse((await ask(oort.origin, { path: '/test/address', headers })).text) as unknown
  }

  test('the address is the last one that no trusted proxy has', async () => {
    expect(await addressOf('198.51.100.7')).toEqual({ ip: '198.51.100.7' })
    expect(await addressOf('203.0.113.66, 198.51.100.8')).toEqual({ ip: '198.51.100.8' })
    expect(await addressOf('203.0.113.66, 198.51.100.9, ::1')).toEqual({ ip: '198.51.100.9' })
  })

  test('the addresses of one IPv6 network share their tries', async () => {
    const statuses: number[] = []
    for (const host of ['::1', '::2', 'ffff::1', '1:2:3:4']) {
      const address = host.startsWith('::') ? `2001:db8:1:2${host}` : `2001:db8:1:2:${host}`
      const headers = { 'x-forwarded-for': address }
      statuses.push((await ask(oort.origin, { path: '/test/address', headers })).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
    const other = await ask(oort.origin, { path: '/test/address', headers: { 'x-forwarded-for': '2001:db8:1:3::1' } })
    expect(other.status).toBe(200)
  })
})
