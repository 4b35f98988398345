import type { Server } from 'node:http'
import { type FastifyHttpOptions, LogController } from 'fastify'
import { second } from '../clock.ts'
import type { Config } from '../config.ts'
import { newId } from '../ids.ts'

/** The defaults of Node leave several phases without a limit. Bodies are small unless an operation says otherwise. */
export const limits = {
  /** A whole header section must have arrived. Source: node:http `headersTimeout`. */
  headersTimeoutMs: 10 * second,
  /** A whole request must have arrived. Sooner than Caddy gives it up: see its read_body. */
  requestTimeoutMs: 17 * second,
  /** How often Node looks for requests that are late. */
  checkIntervalMs: second,
  /** A socket on which nothing moves in either direction; longer than a provider may keep silent mid-stream. */
  socketIdleMs: 90 * second,
  keepAliveMs: 15 * second,
  /** Then the connection is closed, so that no caller keeps one for good. */
  requestsPerSocket: 10_000,
  headerBytes: 16 * 1_024,
  bodyBytes: 64 * 1_024,
} as const

/** Options of every host's Fastify instance. */
export function serverOptions(config: Config): FastifyHttpOptions<Server> {
  return {
    trustProxy: [...config.trustedProxies],
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.socketIdleMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxRequestsPerSocket: limits.requestsPerSocket,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      maxHeaderSize: limits.headerBytes,
      requireHostHeader: false,
    },
    genReqId: () => newId('request'),
    requestIdHeader: false,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    return503OnClosing: false,
    routerOptions: { maxParamLength: 64 },
    forceCloseConnections: 'idle',
  }
}
