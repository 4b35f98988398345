import { Readable } from 'node:stream'
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { parseConfig } from '../../core/config.ts'
import { createApp } from '../../core/http/app.ts'
import { type Answer, bytes, operation } from '../../core/http/operation.ts'
import { createPlatform, insideOf } from '../../core/platform.ts'
import { loadCapabilities } from '../../infra/capabilities.ts'
import { endOnCrash } from '../../infra/host/end-on-crash.ts'
import { serveMetrics } from '../../infra/metrics/serve-metrics.ts'
import { sendTraces } from '../../infra/traces/send-traces.ts'

// The router as a process of its own, with one operation more: it fails, as its body says, while it holds a secret. To
// `leak` is what nothing of ours does: with it a test shows that it would see a leak.

const platform = await createPlatform(parseConfig(process.env))
endOnCrash(platform)
const { store, keyring } = insideOf(platform)

const hurl = (thrown: unknown): never => {
  throw thrown
}
const fail = (secret: string): never => {
  throw Object.assign(new TypeError(`cannot read ${secret}\n    at ${secret} (/srv/${secret}.ts:1:1)`), {
    code: secret,
    config: { headers: { authorization: secret } },
    cause: new Error(secret, { cause: { secret } }),
  })
}

const failures: Readonly<Record<string, (secret: string) => unknown>> = {
  throw: fail,
  'throw a text': (secret) => hurl(secret),
  'throw an object': (secret) => hurl({ secret, message: secret, code: secret }),
  'quote a query': (secret) => store.write(async (db) => db.run(sql`INSERT INTO nowhere VALUES (${secret})`)),
  'break a constraint': (secret) =>
    store.write(async (db) => db.run(sql`INSERT INTO sessions (id, user_id) VALUES (${secret}, ${secret})`)),
  'quote what it parses': (secret) => JSON.parse(`{"key":"${secret}`),
  'open what is not sealed': (secret) => keyring.open({ keyVersion: 1, ...sealedAs(secret) }, context(secret)),
  'end a stream': (secret) => bytes(200, 'text/plain', streamOf(secret)),
  'answer what it may not': (secret) => ({ kind: 'json', status: 203, body: { secret }, headers: {} }),
  'break off an answer': (secret) => ({
    kind: 'json',
    status: 200,
    body: {
      get done() {
        return fail(secret)
      },
    },
    headers: {},
  }),
  leak: (secret) => process.stderr.write(`${secret}\n`),
  crash: (secret) => void setImmediate(fail, secret),
}

const sealedAs = (secret: string) => ({ iv: Buffer.alloc(12), tag: Buffer.alloc(16), ciphertext: Buffer.from(secret) })
const context = (secret: string) => ({ table: 'runs', column: 'prompt', rowId: secret, userId: secret })

async function* brokenOff(secret: string) {
  yield 'the first of it'
  fail(secret)
}
const streamOf = (secret: string) => Readable.from(brokenOff(secret))

const faulty = operation({
  method: 'POST',
  url: '/api/faulty/:path',
  access: 'public',
  summary: 'Fails as its body says',
  schema: {
    params: z.strictObject({ path: z.string() }),
    query: z.strictObject({ key: z.string().optional() }),
    body: z.strictObject({ how: z.string(), secret: z.string() }),
    response: { 200: z.object({ done: z.boolean() }) },
  },
  async handle({ body: { how, secret } }, reply) {
    const outcome = await failures[how]?.(secret)
    return typeof outcome === 'object' && outcome !== null ? (outcome as Answer) : reply(200, { done: true })
  },
})

const others = [{ name: 'faulty', operations: [faulty] }, ...serveMetrics(platform), ...sendTraces(platform)]
const app = await createApp(platform, [...loadCapabilities(platform), ...others])
await app.listen({ host: '127.0.0.1', port: 0 })
