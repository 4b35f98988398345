import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OortError } from '../errors.ts'
import type { Platform } from '../platform.ts'
import { type SessionCookie, sessionCookie } from '../session/session-cookie.ts'
import { asStep } from '../telemetry/steps.ts'
import { answerError, beginAnew, wantsPage } from './answer-errors.ts'
import { type Admission, admit, bearerToken } from './authenticate.ts'
import { refuseCrossSite } from './csrf.ts'
import { answerOnce } from './idempotency.ts'
import { giveBackAtTheEnd, largeBodiesOf, roomFor } from './large-bodies.ts'
import {
  type Access,
  type Answer,
  bytes,
  type Call,
  methodsOf,
  type Operation,
  type OperationSchema,
} from './operation.ts'
import { toOortError } from './problem.ts'
import { callerOf, throttle } from './rate-limit.ts'
import { responseSchemas } from './schema-compilers.ts'
import { unreadAnswersOf } from './unread-answers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    admission: Admission | undefined
    /** Gives back the room of a large body. */
    letGo: (() => void) | undefined
    sessionCookie: SessionCookie | undefined
  }
}

/** Puts an operation behind its guards: rate limit, cross-site check, authentication, validation, idempotency. */
export function registerOperation(app: FastifyInstance, platform: Platform, operation: Operation): void {
  const { url, schema, bodyLimit } = operation
  if (!app.hasRequestDecorator('admission')) {
    app.decorateRequest('admission', undefined)
    app.decorateRequest('sessionCookie', undefined)
    app.decorateRequest('letGo', undefined)
  }
  app.route({
    method: [...methodsOf(operation)],
    url,
    exposeHeadRoute: false,
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
    schema: {
      ...(schema.params === undefined ? {} : { params: schema.params }),
      ...(schema.query === undefined ? {} : { querystring: schema.query }),
      ...(schema.body === undefined ? {} : { body: schema.body }),
      response: responseSchemas(schema),
    },
    errorHandler: (thrown, request, reply) => answerRefusal(operation, thrown, request, reply),
    onRequest: (request, reply) => guard(platform, operation, request, reply),
    handler: (request, reply) => dispatch(platform, operation, request, reply),
  })
}

/** All that can be refused before the body is read. */
async function guard(
  platform: Platform,
  { access, method, url, limit, proveOrigin, bodyLimit }: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { config } = platform
  const address = callerOf(request.ip)
  if (limit !== undefined) await throttle(platform, { name: `${method} ${url}`, ...limit }, address)
  if (method !== 'GET' && proveOrigin === undefined && bearerToken(request.headers) === undefined) {
    refuseCrossSite(request.headers, config.publicUrl)
  }
  const cookie = sessionCookie(config, request.raw, reply.raw)
  request.sessionCookie = cookie
  if (access === 'public') return await throttleAll(platform, address, request)
  try {
    const { id, headers } = request
    request.admission = await asStep('authentication', () => admit(platform, access, { id, headers, cookie }))
  } catch (refusal) {
    // Whoever is refused has no name to be counted by.
    await throttleAll(platform, address, request)
    throw refusal
  }
  const { userId } = request.admission.identity
  await throttleAll(platform, userId, request)
  const room = roomFor(request.headers, bodyLimit)
  if (room === 0 || method === 'GET') return
  request.letGo = largeBodiesOf(platform).take(userId, room)
  giveBackAtTheEnd(reply.raw, request.letGo)
}

async function throttleAll(platform: Platform, caller: string, { raw }: FastifyRequest): Promise<void> {
  await unreadAnswersOf(platform).admit(caller, raw.socket)
  const { rateLimit: calls } = platform.config
  if (calls > 0) await throttle(platform, { name: 'all', calls, perSeconds: 60 }, caller)
}

async function dispatch(
  platform: Platform,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const call = callOf(request, reply)
  operation.proveOrigin?.(call)
  const { socket } = request.raw
  // Node sets it anew for the next request. On Lambda there is no connection.
  if (operation.patience !== undefined && socket instanceof Socket) socket.setTimeout(operation.patience)
  const work = async () => {
    const made = await operation.handle(call, (status, body, headers = {}) => ({ kind: 'json', status, body, headers }))
    // Without a schema the whole value would go out.
    if (made.kind === 'json' && !(made.status in operation.schema.response)) throw new OortError('INTERNAL')
    return made
  }
  const key = request.headers['idempotency-key']
  const answer =
    operation.idempotent && typeof key === 'string' && request.admission !== undefined
      ? await answerOnce(platform, { key, operation, call, work, toBytes: (made) => toBytes(reply, made) })
      : await work()
  forgetBody(request)
  // Of many that came at once, those before this one wait for their reader by now. What was changed has to be told.
  if (operation.method === 'GET' && !(answer.body instanceof Readable)) {
    await unreadAnswersOf(platform).admit(call.identity?.userId ?? callerOf(call.ip), request.raw.socket)
  }
  return send(request, reply, answer)
}

/** Answers an error with the operation's page for it, where it has one and a browser asks. */
function answerRefusal(
  { errorPage }: Operation,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const page = errorPage && wantsPage(request) ? errorPage(toOortError(thrown), request.url) : undefined
  return page === undefined ? answerError(thrown, request, reply) : send(request, beginAnew(request, reply), page)
}

function callOf(request: FastifyRequest, reply: FastifyReply): Call<Access, OperationSchema> {
  const { id, ip, headers, params, query, body, rawBody, admission, sessionCookie: cookie } = request
  if (cookie === undefined) throw new OortError('INTERNAL')
  const gone = new AbortController()
  const onClose = () => {
    if (!reply.raw.writableFinished) gone.abort(new OortError('RUN_CANCELLED'))
  }
  // A caller can leave before the handler is reached.
  if (reply.raw.closed) onClose()
  else reply.raw.once('close', onClose)
  const { identity, scope } = admission ?? {}
  // The schemas have parsed params, query and body; the operation's types say how.
  return { id, ip, headers, params, query, body, rawBody, identity, scope, cookie, signal: gone.signal } as Call<
    Access,
    OperationSchema
  >
}

/** A stream can last for long after what was asked has gone out. */
function forgetBody(request: FastifyRequest): void {
  request.body = undefined
  request.rawBody = Buffer.alloc(0)
  request.letGo?.()
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status).headers(answer.headers)
  if (request.method === 'HEAD' && answer.body instanceof Readable) {
    answer.body.destroy()
    return reply.send()
  }
  return reply.send(answer.body)
}

function toBytes(reply: FastifyReply, answer: Answer): Answer & { readonly kind: 'bytes' } {
  const made =
    answer.kind === 'bytes'
      ? answer
      : bytes(
          answer.status,
          'application/json; charset=utf-8',
          Buffer.from(String(reply.code(answer.status).serialize(answer.body))),
          answer.headers,
        )
  return made as Answer & { readonly kind: 'bytes' }
}
