import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { OortError } from '../errors.ts'
import type { Platform } from '../platform.ts'
import { createWatch } from '../runs/watch.ts'
import { answerClientError } from './client-error.ts'
import { acceptJsonOnly } from './json-body.ts'
import type { Capability } from './operation.ts'
import { problemHeaders, toOortError, toProblem } from './problem.ts'
import { registerOperation } from './register-operation.ts'
import { validateWithZod } from './schema-compilers.ts'
import { serverOptions } from './server-options.ts'

/**
 * A host for capabilities: one for all of them behind the router, one for each on its own. Ready to listen or to be
 * handed to a Lambda adapter. While it is up it stands on the list of live instances. Closing it stops the capabilities,
 * then the platform.
 */
export async function createApp(platform: Platform, capabilities: readonly Capability[]): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    ...serverOptions(platform.config),
    loggerInstance: platform.log as FastifyBaseLogger,
    clientErrorHandler: answerClientError,
  })
  acceptJsonOnly(app)
  validateWithZod(app)
  setCommonHeaders(app)
  answerErrors(app)
  logAnswers(app)
  const watch = createWatch(platform)
  app.addHook('onReady', () => watch.start())
  for (const capability of capabilities) {
    for (const operation of capability.operations) registerOperation(app, platform, operation)
    app.addHook('onReady', async () => capability.start?.())
    app.addHook('preClose', async () => capability.stop?.())
  }
  app.addHook('onClose', () => watch.stop().finally(() => platform.close()))
  return app
}

function setCommonHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
  })
}

function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler(async () => {
    throw new OortError('ROUTE_NOT_FOUND')
  })
  app.setErrorHandler(async (thrown, request, reply) => {
    const error = toOortError(thrown)
    if (error.status >= 500) request.log.error({ err: error }, 'request failed')
    return reply
      .code(error.status)
      .headers(problemHeaders(error))
      .serializer(JSON.stringify)
      .send(toProblem(error, request.id))
  })
}

/** One line for each answer. It names the route's pattern, since the address itself can hold what a user typed. */
function logAnswers(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request
    const facts = { method, route: routeOptions.url ?? null, status: reply.statusCode }
    request.log.info({ ...facts, ms: Math.round(reply.elapsedTime * 10) / 10 }, 'answered')
  })
}
