import { type DestinationStream, type LoggerOptions, pino } from 'pino'
import type { Config } from './config.ts'
import { type Facts, tellable } from './log-facts.ts'

/** A text that stands in the code as it is: what is put together from values does not compile. */
type Literal<M extends string> = Record<never, never> extends Record<M, unknown> ? never : M

interface Write {
  <const M extends string>(message: Literal<M>): void
  <const M extends string>(facts: Facts, message: Literal<M>): void
}

export type Log = Readonly<Record<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', Write>>

const withheld = 'message withheld'
/** Sentences as we write them: no quotation, address or assignment, in which others put what they worked on. */
const sentence = /^[\w ,.:;'\u2019()-]{1,200}$/
/** Fastify's line, from which a supervisor learns where we listen. */
const listening = /^Server listening at http:\/\/[\w.:[\]]{1,80}$/

/**
 * A structured log on standard output, or on `to`. Lines name ids, counts, codes and patterns of routes; what a person
 * typed, a header, a body or a query never reaches it. Facts pass by name and form (core/log-facts.ts), errors are
 * described (core/describe-error.ts), and of the messages of others, Fastify's, plain sentences alone.
 */
export function createLog(config: Pick<Config, 'logLevel'>, to?: DestinationStream): Log {
  const options: LoggerOptions = {
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: tellable },
    // What is an error has been described by then.
    serializers: { err: (described: unknown) => described },
    hooks: {
      logMethod(args, method) {
        const [first, second] = args as readonly unknown[]
        if (typeof first === 'string') return method.call(this, {}, messageOf(first, undefined))
        const facts = first instanceof Error ? { err: first } : Object(first)
        // Without a message pino takes the error's own.
        return method.call(this, facts, messageOf(second, facts.err))
      },
    },
  }
  return (to === undefined ? pino(options) : pino(options, to)) as unknown as Log
}

/** The message, unless it is none or holds what an error says. Values to be put into it are left out. */
function messageOf(message: unknown, error: unknown): string {
  if (typeof message !== 'string') return withheld
  if (error instanceof Error && error.message !== '' && message.includes(error.message)) return withheld
  return sentence.test(message) || listening.test(message) ? message : withheld
}
