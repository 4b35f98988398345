import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildTime } from '../support/built.ts'
import { figure } from '../support/figure.ts'
import { listeningPorts } from '../support/listening-ports.ts'
import { askAt, talkAt } from './ask-at.ts'
import { type Fort, openFort } from './fort.ts'

let fort: Fort
beforeAll(async () => {
  fort = await openFort()
}, buildTime)
afterAll(() => fort?.[Symbol.asyncDispose]())

/**
 * Where a hidden request would go: an address of its own that answers in a way of its own, so that its answer is told
 * from every other.
 */
const hidden = 'GET /errors HTTP/1.1\r\nHost: HOST\r\n\r\n'
const sizeOf = (text: string, host: string) => text.replaceAll('HOST', host).length
/** Only `GET /errors` answers with the whole catalogue. */
const ofHidden = /"IDEMPOTENCY_NOT_REPLAYABLE":/
const good = 'GET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n'
const health = '{"status":"ok"}'

const post = 'POST /api/auth/sign-in HTTP/1.1\r\nHost: HOST\r\nOrigin: ORIGIN\r\nContent-Type: application/json\r\n'

/** Requests in which two readers could find two different ends. Each hides one more in what one of them takes for a body. */
const framings: readonly (readonly [string, (host: string) => string])[] = [
  [
    'CL.TE',
    (host) =>
      `${post}Content-Length: ${5 + sizeOf(hidden, host)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  [
    'TE.CL',
    (host) =>
      `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${sizeOf(hidden, host).toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
  ],
  [
    'two lengths, the first short',
    (host) => `${post}Content-Length: 2\r\nContent-Length: ${2 + sizeOf(hidden, host)}\r\n\r\n{}${hidden}`,
  ],
  [
    'two lengths, the second short',
    (host) => `${post}Content-Length: ${2 + sizeOf(hidden, host)}\r\nContent-Length: 2\r\n\r\n{}${hidden}`,
  ],
  ['a list of lengths', (host) => `${post}Content-Length: 2, ${2 + sizeOf(hidden, host)}\r\n\r\n{}${hidden}`],
  ['a length with a sign', (host) => `${post}Content-Length: +${2 + sizeOf(hidden, host)}\r\n\r\n{}${hidden}`],
  ['a length in hexadecimal', () => `${post}Content-Length: 0x2\r\n\r\n{}${hidden}`],
  ['a negative length', () => `${post}Content-Length: -1\r\n\r\n{}${hidden}`],
  ['a folded length', (host) => `${post}Content-Length:\r\n ${2 + sizeOf(hidden, host)}\r\n\r\n{}${hidden}`],
  [
    'a folded encoding',
    () => `${post}X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  [
    'a space before the colon',
    () => `${post}Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  [
    'a tab before the encoding',
    () => `${post}Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  [
    'an encoding with a vertical tab',
    () => `${post}Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  [
    'an encoding twice',
    () => `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  ['an encoding that is not the last', () => `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`],
  ['an unknown encoding', () => `${post}Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`],
  ['a chunk extension that holds a line', () => `${post}Transfer-Encoding: chunked\r\n\r\n2;a=\n\r\n{}\r\n0\r\n\r\n`],
  ['a chunk length with a prefix', () => `${post}Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n${hidden}`],
  [
    'a chunk length that overflows',
    () => `${post}Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n${hidden}`,
  ],
  ['a chunk longer than told', () => `${post}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n${hidden}`],
  ['chunks ended by line feeds', () => `${post}Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n${hidden}`],
  ['headers ended by a line feed', () => `${post}X: y\nContent-Length: 2\n\n{}${hidden}`],
  [
    'headers parted by a carriage return',
    () => `${post}X: y\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  [
    'chunks under HTTP/1.0',
    () =>
      `${post.replace('1.1', '1.0')}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
  ],
  [
    'a trailer that is a length',
    () =>
      `${post}Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n2\r\n{}\r\n0\r\nContent-Length: 99\r\n\r\n`,
  ],
  [
    'a length taken off by Connection',
    () => `${post}Connection: Content-Length, keep-alive\r\nContent-Length: 2\r\n\r\n{}`,
  ],
  ['two hosts', () => 'GET /healthz HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n'],
]

/** What came back for each request on a connection, as a client reads it that believes their lengths. */
function answersIn(heard: string): string[] {
  const answers: string[] = []
  for (let rest = heard; rest.startsWith('HTTP/1.'); ) {
    const end = rest.indexOf('\r\n\r\n') + 4
    const head = rest.slice(0, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? rest.length)
    const body = rest.slice(end, end + length)
    const status = head.split(' ')[1] ?? ''
    if (body === health) answers.push('health')
    else answers.push(ofHidden.test(body) ? 'hidden' : status)
    rest = rest.slice(end + length)
  }
  return answers
}

/** Where Caddy's parser finds the end that RFC 9112 (sections 5.2 and 6.3) names, and the next request behind it. */
const followed = [
  'CL.TE',
  'a tab before the encoding',
  'a folded encoding',
  'chunks under HTTP/1.0',
  'headers ended by a line feed',
]

/** The router asks itself for `HEAD /healthz`, too. */
const timesSeen = (route: string) => fort.log().split(`"method":"GET","route":"${route}","status":200`).length - 1

for (const at of [0, 1] as const) {
  const way = ['through Caddy', 'direct'][at]

  test(`N3 of ${framings.length} framings that could be read in two ways, none smuggles a request, ${way}`, async ({
    task,
  }) => {
    const door = fort.doors[at]
    const before = [timesSeen('/errors'), timesSeen('/healthz')] as const
    const told = await Promise.all(
      framings.map(async ([what, framing]) => {
        const sent = (framing(door.host) + good).replaceAll('HOST', door.host).replaceAll('ORIGIN', fort.publicUrl)
        return [what, answersIn(await talkAt(door, Buffer.from(sent, 'latin1'), 700))] as const
      }),
    )
    for (const [what, [first, ...rest]] of told) {
      // Refused, and nothing behind it read; or one end for both readers, and what is behind it answered in its turn.
      const mayFollow = door.ca !== undefined && followed.includes(what) ? [['hidden', 'health']] : [[], ['health']]
      expect([what, first]).toEqual([what, expect.stringMatching(/^4\d\d$|^501$/)])
      expect(mayFollow.map((each) => [what, each])).toContainEqual([what, rest])
    }
    // The router saw what was answered and nothing besides: had it read another end than Caddy, it would have seen more.
    const answers = told.flatMap(([, each]) => each)
    const count = (kind: string) => answers.filter((each) => each === kind).length
    await expect.poll(() => timesSeen('/healthz') - before[1]).toBe(count('health'))
    expect(timesSeen('/errors') - before[0]).toBe(count('hidden'))
    // And whoever comes next, over the connections that Caddy keeps, gets an answer of its own.
    const next = await Promise.all(Array.from({ length: 20 }, () => askAt(door, { path: '/healthz' })))
    expect(new Set(next.map(({ text }) => text))).toEqual(new Set([health]))
    await expect.poll(() => timesSeen('/healthz') - before[1]).toBe(count('health') + next.length)
    figure(task, `${framings.length} framings: 0 desynchronised`)
  })
}

test('N3 what a caller says of its address buys no further tries, through Caddy', async () => {
  const statuses: number[] = []
  for (let tried = 0; tried < 40 && statuses.at(-1) !== 429; tried += 1) {
    const event = encodeURIComponent(JSON.stringify({ requestContext: { http: { sourceIp: `203.0.113.${tried}` } } }))
    const { status } = await askAt(fort.doors[0], {
      method: 'POST',
      path: '/api/auth/request-password-reset',
      headers: {
        origin: fort.publicUrl,
        'content-type': 'application/json',
        'x-forwarded-for': `203.0.113.${tried}`,
        'x-real-ip': `203.0.113.${tried}`,
        forwarded: `for=203.0.113.${tried}`,
        'x-apigateway-event': event,
      },
      body: `{"email":"nobody-${tried}@example.com"}`,
    })
    statuses.push(status)
  }
  expect(statuses.at(-1)).toBe(429)
})

test('N3 Caddy has no admin port', async () => {
  expect(await listeningPorts(fort.caddy.pid)).toEqual([fort.caddy.port])
})
