import { Readable } from 'node:stream'
import { OortError } from '../errors.ts'
import type { RunId } from '../ids.ts'
import { perPlatform } from '../per-platform.ts'
import type { Platform } from '../platform.ts'
import type { Usage } from '../providers/provider.ts'
import type { Execution } from './executor.ts'
import { createKeptText } from './kept-text.ts'
import type { Renderer } from './relay.ts'
import type { Run } from './run-order.ts'

/** Beyond this a follower who does not read is dropped: the run goes on without it. Characters. */
const mostUnread = 8 * 1024 * 1024

/** How a run that is broadcast is told. */
export interface Telling {
  renderer(run: Run): Renderer
  /** All that was told so far, for who comes later. `text` is null while the answer has not begun. */
  soFar(run: Run, text: string | null, usage: Usage | undefined): string
  /** The end of a run whose answer never began. */
  failed(run: Run, failure: OortError): string
}

interface Broadcast {
  follow(): Readable
}

const broadcastsOf = perPlatform(() => new Map<RunId, Broadcast>())

/**
 * Sends a run that goes on when those who follow it leave, as long as this process and its account live: a page that is
 * loaded anew finds it (see `followRun`). Resolves with the stream for the first follower when the provider begins to
 * answer; rejects as `Execution.stream` does. Give the execution a caller whose signal never aborts.
 */
export async function broadcastRun(platform: Platform, execution: Execution, telling: Telling): Promise<Readable> {
  const on = broadcastsOf(platform)
  const { id } = execution.run
  const followers = new Set<Readable>()
  const kept = createKeptText()
  let begun = false
  let usage: Usage | undefined

  const publish = (frames: Buffer | string | undefined): void => {
    if (frames === undefined || frames.length === 0) return
    for (const follower of followers) {
      follower.push(frames)
      if (follower.readableLength > mostUnread) follower.destroy()
    }
  }
  const close = (): void => {
    on.delete(id)
    for (const follower of followers) follower.push(null)
  }
  const follow = (): Readable => {
    const follower = new Readable({ read() {} })
    followers.add(follower)
    follower.once('close', () => followers.delete(follower))
    const before = telling.soFar(execution.run, begun ? kept.text() : null, usage)
    if (before !== '') follower.push(before)
    return follower
  }

  on.set(id, { follow })
  const first = follow()
  try {
    const { body } = await execution.stream((run) => {
      const renderer = telling.renderer(run)
      return {
        more(chunk, events) {
          begun = true
          for (const event of events) {
            if (event.type === 'text') kept.add(event.text)
            else if (event.type === 'usage') usage = event.usage
          }
          publish(renderer.more(chunk, events))
          return undefined
        },
        end(last, failure) {
          publish(renderer.end(last, failure))
          close()
          return ''
        },
      }
    })
    // What is rendered goes out above; reading to the end is what keeps the answer coming.
    body.on('error', () => {}).resume()
    return first
  } catch (error) {
    if (error instanceof OortError) publish(telling.failed(execution.run, error))
    close()
    throw error
  }
}

/**
 * Follows a run of this process from its first word on, however far it is. Undefined for a run that is not broadcast,
 * or has ended. Make sure of its owner first.
 */
export function followRun(platform: Platform, id: RunId): Readable | undefined {
  return broadcastsOf(platform).get(id)?.follow()
}
