import { Writable } from 'node:stream'
import { beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../core/log.ts'

const secret = 'sk-proj-4f1bZq8Wn0TtYc2LkEo7'

let lines: Record<string, unknown>[]
let log: ReturnType<typeof createLog>
/** The log as Fastify has it: without our types. */
let theirs: { [level: string]: (...args: unknown[]) => void } & { child(bindings: object): typeof theirs }

beforeEach(() => {
  lines = []
  const to = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  log = createLog({ logLevel: 'trace' }, to)
  theirs = log as unknown as typeof theirs
})

test('a line has a level, a time, a message and the facts that are known', () => {
  log.info({ requestId: 'req_1', method: 'GET', route: '/api/keys/:keyId', status: 404, ms: 1.5 }, 'answered')
  const { time, ...line } = lines[0] ?? {}
  expect(Date.parse(String(time))).toBeGreaterThan(0)
  expect(line).toEqual({
    level: 'info',
    requestId: 'req_1',
    method: 'GET',
    route: '/api/keys/:keyId',
    status: 404,
    ms: 1.5,
    msg: 'answered',
  })
})

describe('D3 no value reaches the log', () => {
  const hostile: Readonly<Record<string, readonly unknown[]>> = {
    'as a fact that is not known': [{ key: secret, [secret]: 1 }, 'words'],
    'as a fact of another form': [{ route: `/api/keys?key=${secret}`, reason: secret, requestId: { secret } }, 'words'],
    'as a request or an answer': [{ req: { headers: { cookie: secret } }, res: { secret } }, 'words'],
    'as an error without a message': [new Error(secret)],
    'as an error among facts without a message': [{ err: new Error(secret) }],
    'as an error that is its own message': [{ err: new Error(secret) }, secret],
    'as an error within a message': [{ err: new Error(secret) }, `failed: ${secret}`],
    'as what is to be put into a message': ['got %s and %j', secret, { secret }],
    'after facts, to be put into a message': [{ status: 1 }, 'got %s', secret],
    'in an address within a message': [`Route GET:/api/keys?key=${secret} not found`],
    'in quotation marks': [`did you forget to return a reply in "/api/${secret}"`],
    'as an object that tells how it is written': [{ toJSON: () => secret }, 'words'],
    'as a thrown text': [{ err: secret }, 'words'],
  }
  test.each(Object.entries(hostile))('%s', (_how, args) => {
    theirs['error']?.(...args)
    theirs.child({ requestId: 'req_1' })['warn']?.(...args)
    expect(lines).toHaveLength(2)
    expect(JSON.stringify(lines)).not.toContain(secret)
  })

  test('and what was left out is counted', () => {
    theirs['info']?.({ key: secret, [secret]: 1, status: 200, task: undefined }, 'words')
    expect(lines[0]).toMatchObject({ status: 200, withheld: 2, msg: 'words' })
  })
})

test('what Fastify says of where it listens stays, for a supervisor to read', () => {
  for (const place of ['http://127.0.0.1:3000', 'http://[::1]:3000']) theirs['info']?.(`Server listening at ${place}`)
  expect(lines.map(({ msg }) => msg)).toEqual([
    'Server listening at http://127.0.0.1:3000',
    'Server listening at http://[::1]:3000',
  ])
})
