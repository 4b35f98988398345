import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { OortError } from '../errors.ts'
import type { Platform } from '../platform.ts'
import { createWatch } from '../runs/watch.ts'
import { answerEarly } from './answer-early.ts'
import { answerError, answerErrors } from './answer-errors.ts'
import { answerClientError } from './client-error.ts'
import { closeConnections } from './close-connections.ts'
import { commonHeaders } from './common-headers.ts'
import { acceptJsonOnly } from './json-body.ts'
import { measureAnswers } from './measure-answers.ts'
import type { Capability } from './operation.ts'
import { refuseOtherMethods } from './refuse-other-methods.ts'
import { registerOperation } from './register-operation.ts'
import { validateWithZod } from './schema-compilers.ts'
import { serverOptions } from './server-options.ts'
import { cutSlowReaders } from './slow-readers.ts'
import { unreadAnswersOf } from './unread-answers.ts'

/**
 * A host for capabilities: one for all of them behind the router, one for each on its own. Ready to listen or to be
 * handed to a Lambda adapter. While it is up it stands on the list of live instances. Closing it waits for the answers
 * under way, stops the capabilities, then the platform.
 */
export async function createApp(platform: Platform, capabilities: readonly Capability[]): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    ...serverOptions(platform.config),
    loggerInstance: platform.log as unknown as FastifyBaseLogger,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  })
  // Node would answer an unknown expectation itself, without a body. RFC 9110, section 10.1.1, lets us ignore it.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  app.decorate('faults', platform.faults)
  measureAnswers(app)
  beginAnswers(app)
  answerEarly(app)
  closeConnections(app)
  // An answer that cannot be counted is cut off all the same.
  cutSlowReaders(app, (socket) =>
    unreadAnswersOf(platform)
      .count(socket)
      .catch(() => undefined),
  )
  acceptJsonOnly(app)
  validateWithZod(app)
  answerErrors(app, capabilities.find(({ pageNotFound }) => pageNotFound !== undefined)?.pageNotFound)
  logAnswers(app)
  // Hooks of onClose run last one first.
  app.addHook('onClose', async () => platform.close())
  const watch = createWatch(platform)
  app.addHook('onReady', () => watch.start())
  app.addHook('onClose', () => watch.stop())
  const operations = capabilities.flatMap((capability) => capability.operations)
  for (const operation of operations) registerOperation(app, platform, operation)
  refuseOtherMethods(app, operations)
  for (const capability of capabilities) {
    app.addHook('onReady', async () => capability.start?.())
    app.addHook('preClose', async () => capability.drain?.())
    app.addHook('onClose', async () => capability.stop?.())
  }
  return app
}

function beginAnswers(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(commonHeaders(request.id))
    // Node's own check (`requireHostHeader`) answers without a body, and passes over a second one (RFC 9112, section 3.2).
    const hosts = hostsIn(request.raw.rawHeaders)
    if (hosts > 1 || (hosts === 0 && request.raw.httpVersion === '1.1')) {
      throw new OortError('HEADERS_INVALID', { detail: 'The header Host has to be there once.' })
    }
  })
}

/** Names and values take turns in `rawHeaders`. */
function hostsIn(rawHeaders: readonly string[]): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1
  }
  return count
}

/** One line for each answer. It names the route's pattern, since the address itself can hold what a user typed. */
function logAnswers(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request
    const facts = { method, route: routeOptions.url ?? null, status: reply.statusCode }
    request.log.info({ ...facts, ms: Math.round(reply.elapsedTime * 10) / 10 }, 'answered')
  })
}
