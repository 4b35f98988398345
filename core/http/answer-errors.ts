import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OortError } from '../errors.ts'
import type { FaultReporter } from '../faults/report-faults.ts'
import { commonHeaders } from './common-headers.ts'
import { problemHeaders, toOortError, toProblem } from './problem.ts'

declare module 'fastify' {
  interface FastifyInstance {
    faults: FaultReporter
  }
}

/** Where programs call, and a page would be of no use to anybody. */
const programs = /^\/(api|v1|webhooks|assets)(\/|$)/

/**
 * Answers every error of an operation, and every address that is none, with a problem document. A browser that asks
 * for a page at such an address gets `pageNotFound`, where the host has one.
 */
export function answerErrors(app: FastifyInstance, pageNotFound?: () => string): void {
  app.setNotFoundHandler(async (request, reply) => {
    if (pageNotFound === undefined || !wantsPage(request) || programs.test(request.url))
      throw new OortError('ROUTE_NOT_FOUND')
    return reply.code(404).type('text/html; charset=utf-8').send(pageNotFound())
  })
  app.setErrorHandler(async (thrown, request, reply) => answerError(thrown, request, reply))
}

/** Whether somebody looks who can read HTML, and says so. */
export function wantsPage({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): boolean {
  return (method === 'GET' || method === 'HEAD') && headers.accept?.includes('text/html') === true
}

/**
 * Sends the problem document of an error. What the operation had set until then goes: an error hands out no cookie
 * and keeps no header of the answer it replaces.
 */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toOortError(thrown)
  if (error.status >= 500) {
    request.log.error({ err: error }, 'request failed')
    const { id: requestId, method, routeOptions, server } = request
    server.faults.report(error, { requestId, method, route: routeOptions.url ?? '' })
  }
  return beginAnew(request, reply)
    .code(error.status)
    .headers(problemHeaders(error))
    .serializer(JSON.stringify)
    .send(toProblem(error, request.id))
}

/** Takes back the headers that were set for an answer which does not come about. */
export function beginAnew(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  for (const name of Object.keys(reply.getHeaders())) {
    if (name === 'connection') continue
    reply.removeHeader(name)
    reply.raw.removeHeader(name)
  }
  return reply.headers(commonHeaders(request.id))
}
