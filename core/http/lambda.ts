import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import awsLambdaFastify from '@fastify/aws-lambda'
import type { FastifyInstance } from 'fastify'
import { parseConfig } from '../config.ts'
import { createPlatform, type Platform } from '../platform.ts'
import { createApp } from './app.ts'
import { type LambdaAnswer, readEvent } from './lambda-event.ts'
import type { Capability } from './operation.ts'

type Env = Readonly<Record<string, string | undefined>>
type Make = (platform: Platform) => Capability
type Context = Parameters<ReturnType<typeof awsLambdaFastify>>[1]

export type LambdaHandler = (event: unknown, context: Context) => Promise<LambdaAnswer>
export type StreamingHandler = (event: unknown, to: Writable, context: Context) => Promise<void>

/** What the managed runtime offers to handlers that answer with a stream. */
interface Runtime {
  streamifyResponse(handler: StreamingHandler): unknown
  readonly HttpResponseStream: { from(to: Writable, metadata: unknown): Writable }
}

declare global {
  var awslambda: Runtime | undefined
}

/**
 * The client is who the gateway says: no proxy of ours stands before it, so nothing that a request says of where it
 * comes from counts. The adapter must not decorate requests: it would leave a door for headers that spell an event.
 */
const adapterOptions = () => ({
  // Made anew for each adapter, which writes into its options.
  decorateRequest: false,
  serializeLambdaArguments: false,
  enforceBase64: ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }) =>
    !text.test(String(headers['content-type'] ?? 'text/plain')),
})

const text = /^(?:text\/|application\/(?:[\w.-]+\+)?json\b)/

/** Puts the app together at a container's first request, and again only where that failed. */
function onFirstCall(env: Env, make: Make): () => Promise<FastifyInstance> {
  let app: Promise<FastifyInstance> | undefined
  const start = async () => {
    const platform = await createPlatform({ ...parseConfig(env), trustedProxies: [] })
    return await createApp(platform, [make(platform)])
  }
  return () => {
    app ??= start().catch((error: unknown) => {
      app = undefined
      throw error
    })
    return app
  }
}

/** A capability as the handler of a Lambda function. Importing it opens nothing. */
export function lambdaHandler(env: Env, make: Make): LambdaHandler {
  const start = onFirstCall(env, make)
  let handle: ((event: unknown, context: Context) => Promise<LambdaAnswer>) | undefined
  return async (event, context) => {
    handle ??= awsLambdaFastify(await start(), adapterOptions())
    return await handle(readEvent(event), context)
  }
}

/**
 * The same for a capability whose answers are streams: each chunk goes out as it comes. A stream that fails is cut, so
 * that the caller sees that it is not whole. Where the runtime cannot stream, the answer is sent when it is complete.
 */
export function streamingLambdaHandler(env: Env, make: Make): unknown {
  const runtime = globalThis.awslambda
  if (runtime === undefined) return lambdaHandler(env, make)
  const start = onFirstCall(env, make)
  return runtime.streamifyResponse(async (event, to, context) => {
    const handle = awsLambdaFastify(await start(), { ...adapterOptions(), payloadAsStream: true })
    const { meta, stream } = await handle(readEvent(event), context)
    const { statusCode, headers, cookies = [] } = meta
    await pipeline(stream, runtime.HttpResponseStream.from(to, { statusCode, headers, cookies }))
  })
}
