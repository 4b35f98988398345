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

const text = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b)/

interface Host {
  readonly app: FastifyInstance
  /** See `Capability.settle`. */
  settle(): Promise<void>
}

/** Puts the host together at a container's first request, and again only where that failed. */
function onFirstCall(env: Env, make: Make): () => Promise<Host> {
  let host: Promise<Host> | undefined
  const start = async () => {
    const platform = await createPlatform({ ...parseConfig(env), trustedProxies: [] })
    const capability = make(platform)
    const app = await createApp(platform, [capability])
    return { app, settle: async () => capability.settle?.() }
  }
  return () => {
    host ??= start().catch((error: unknown) => {
      host = undefined
      throw error
    })
    return host
  }
}

/** A capability as the handler of a Lambda function. Importing it opens nothing. */
export function lambdaHandler(env: Env, make: Make): LambdaHandler {
  const start = onFirstCall(env, make)
  let handle: ((event: unknown, context: Context) => Promise<LambdaAnswer>) | undefined
  return async (event, context) => {
    const { app, settle } = await start()
    handle ??= awsLambdaFastify(app, adapterOptions())
    const answer = await handle(readEvent(event), context)
    await settle()
    return answer
  }
}

/**
 * The same for a capability whose answers are streams: each chunk goes out as it comes. A stream that fails is cut, so
 * that the caller sees that it is not whole. Where the runtime cannot stream, the answer is sent when it is complete.
 * It is for capabilities with work after an answer too: the caller has all of it when that begins, and the container is
 * not frozen before it is done, so that neither its result is lost nor its time shows.
 */
export function streamingLambdaHandler(env: Env, make: Make): unknown {
  const runtime = globalThis.awslambda
  if (runtime === undefined) return lambdaHandler(env, make)
  const start = onFirstCall(env, make)
  return runtime.streamifyResponse(async (event, to, context) => {
    const { app, settle } = await start()
    const handle = awsLambdaFastify(app, { ...adapterOptions(), payloadAsStream: true })
    const { meta, stream } = await handle(readEvent(event), context)
    const { statusCode, headers, cookies = [] } = meta
    const answer = runtime.HttpResponseStream.from(to, { statusCode, headers, cookies })
    // AWS's runtime sends status and headers with the first write, of which an answer without a body has none.
    answer.write('')
    await pipeline(stream, answer)
    await settle()
  })
}
