import { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { second } from '../clock.ts'
import { OortError } from '../errors.ts'
import { perPlatform } from '../per-platform.ts'
import type { Platform } from '../platform.ts'
import { channels } from '../telemetry/channels.ts'
import type { Limit } from './call-counter.ts'

/**
 * Caddy goes on holding what is cut off here, for as long as a stream may take: the same 15 minutes. A link on which
 * more answers than these stand still for 20 seconds carries none.
 */
export const unreadLimit: Limit = { name: 'unread answers', calls: 10, perSeconds: 15 * 60 }

/** Answers that can wait for the readers of one caller at once, in one process: each is held in memory. */
export const mostWaiting = 16

/** Callers that are known to be over the limit. Beyond it the one that was known first is forgotten. */
const mostRefused = 10_000

/** Puts answers that nobody reads down to who asked for them. */
export interface UnreadAnswers {
  /**
   * Tells whose the next answer on a connection is. Throws RATE_LIMITED for a caller who has left too many unread, here
   * or, once one more is cut here, anywhere; and for one of whom too many wait for their reader now.
   */
  admit(caller: string, socket: Socket): Promise<void>
  /** Counts the answer on a connection, which is cut off, as unread. */
  count(socket: Socket): Promise<void>
}

/** The unread answers of a platform's callers. */
export const unreadAnswersOf = perPlatform<UnreadAnswers>(createUnreadAnswers)

export function createUnreadAnswers({ calls, clock }: Pick<Platform, 'calls' | 'clock'>): UnreadAnswers {
  const callers = new Map<Socket, string>()
  const connections = new Map<string, Set<Socket>>()
  const refused = new Map<string, number>()

  function leave(socket: Socket): void {
    const caller = callers.get(socket) ?? ''
    const theirs = connections.get(caller)
    callers.delete(socket)
    theirs?.delete(socket)
    if (theirs?.size === 0) connections.delete(caller)
  }

  /** Proxies send the requests of many over one connection, one after the other. */
  function hand(socket: Socket, caller: string): void {
    if (callers.has(socket)) leave(socket)
    else socket.once('close', () => leave(socket))
    callers.set(socket, caller)
    const theirs = connections.get(caller) ?? new Set()
    connections.set(caller, theirs.add(socket))
  }

  function crowded(caller: string): boolean {
    const theirs = connections.get(caller)
    if (theirs === undefined || theirs.size < mostWaiting) return false
    let waiting = 0
    for (const { writableLength } of theirs) if (writableLength > 0) waiting += 1
    return waiting >= mostWaiting
  }

  return {
    async admit(caller, socket) {
      const until = refused.get(caller) ?? 0
      const now = clock()
      if (until > now) throw refusal(Math.ceil((until - now) / second))
      if (until > 0) refused.delete(caller)
      // What was only just written has had no chance to leave.
      if (crowded(caller) && (await turn(true)) && crowded(caller)) throw refusal(1)
      // Requests can come over no connection, on Lambda.
      if (socket instanceof Socket && !socket.destroyed && callers.get(socket) !== caller) hand(socket, caller)
    },
    async count(socket) {
      const caller = callers.get(socket)
      if (caller === undefined) return
      const wait = await calls.count(unreadLimit, caller)
      if (wait === 0) return
      for (const first of refused.keys()) {
        if (refused.size < mostRefused) break
        refused.delete(first)
      }
      refused.set(caller, clock() + wait * second)
    },
  }
}

function refusal(retryAfter: number): OortError {
  channels.callRefused.tell(unreadLimit.name)
  return new OortError('RATE_LIMITED', { detail: 'Answers that were asked for before have not been read.', retryAfter })
}
