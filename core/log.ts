import { type DestinationStream, type Logger, pino } from 'pino'
import type { Config } from './config.ts'
import { OortError } from './errors.ts'

export type Log = Logger

/**
 * A structured log on standard output, or on `to`. Lines name ids, codes and routes. What a user typed, a header, a
 * body or a query never reaches it: the serialisers let only named members through.
 */
export function createLog(config: Pick<Config, 'logLevel'>, to?: DestinationStream): Log {
  const options = {
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError, req: () => undefined, res: () => undefined },
  }
  return to === undefined ? pino(options) : pino(options, to)
}

/**
 * An error as the log keeps it. Messages of foreign errors can quote SQL with its parameters, a body or a header, so
 * only the message of our own errors is kept; of others the name, the code and the places in our own code.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error }
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) }
  if (error instanceof OortError) return { name: error.name, code: error.code, message: error.message, ...cause }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { name: error.name, ...code, at: placesOf(error), ...cause }
}

function placesOf(error: Error): string[] {
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
  return frames.slice(0, 8).map((line) => line.trim())
}
