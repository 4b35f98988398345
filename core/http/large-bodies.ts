import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { OortError } from '../errors.ts'
import { perPlatform } from '../per-platform.ts'
import { limits } from './server-options.ts'

/**
 * Bytes of large bodies that can be under way at once, in one process and of one caller. A body is held as the bytes that
 * came, as what they say, and as the prompt that is sealed: some five times its size, where it is not all Latin letters.
 */
export const largeBodyLimits = { ofProcess: 64 * 1_024 * 1_024, ofCaller: 32 * 1_024 * 1_024 } as const

/** Keeps the bodies that one process holds, and those of one caller, within what its memory carries. */
export interface LargeBodies {
  /**
   * Takes room for a body before it is read; answers how it is given back, once. Throws RATE_LIMITED where the caller has
   * too many under way, OVERLOADED where everybody together has.
   */
  take(caller: string, bytes: number): () => void
}

/** The large bodies of a platform. */
export const largeBodiesOf = perPlatform<LargeBodies>(createLargeBodies)

function createLargeBodies(): LargeBodies {
  const ofCaller = new Map<string, number>()
  let all = 0
  return {
    take(caller, bytes) {
      const theirs = (ofCaller.get(caller) ?? 0) + bytes
      if (theirs > largeBodyLimits.ofCaller) {
        const most = largeBodyLimits.ofCaller / 1_024 / 1_024
        const detail = `At most ${most} MiB of large requests can be on their way at once.`
        throw new OortError('RATE_LIMITED', { detail, retryAfter: 1 })
      }
      if (all + bytes > largeBodyLimits.ofProcess) throw new OortError('OVERLOADED', { retryAfter: 1 })
      ofCaller.set(caller, theirs)
      all += bytes
      let held = true
      return () => {
        if (!held) return
        held = false
        all -= bytes
        const rest = (ofCaller.get(caller) ?? 0) - bytes
        if (rest > 0) ofCaller.set(caller, rest)
        else ofCaller.delete(caller)
      }
    },
  }
}

/** What a body may come to, in bytes: what its length says, or the limit. 0 for one as small as most, which need no room. */
export function roomFor(headers: IncomingHttpHeaders, bodyLimit: number = limits.bodyBytes): number {
  const most = Math.min(Number(headers['content-length'] ?? bodyLimit), bodyLimit)
  return most > limits.bodyBytes ? most : 0
}

/** Gives room back when the answer is out or its caller gone, at the latest. */
export function giveBackAtTheEnd(response: ServerResponse, giveBack: () => void): void {
  if (response.closed) giveBack()
  else response.once('finish', giveBack).once('close', giveBack)
}
