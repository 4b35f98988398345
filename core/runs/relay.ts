import { type Readable, Transform } from 'node:stream'
import { OortError } from '../errors.ts'
import { maxStreamBytes } from '../providers/follow-events.ts'
import type { StreamEvent, StreamFollower } from '../providers/provider.ts'
import { transportError } from '../providers/transport-error.ts'
import type { Run } from './run-order.ts'

/** What the caller of a streamed run gets to see of it. */
export interface Renderer {
  /** For bytes of the provider, and what they say. */
  more(chunk: Buffer, events: readonly StreamEvent[]): Buffer | string | undefined
  /**
   * After the run has been settled. Undefined when a failure cannot be told within the stream: its connection is
   * then broken off, lest a cut answer look whole.
   */
  end(run: Run, failure: OortError | undefined): Buffer | string | undefined
}

export interface Relay {
  readonly body: Readable
  readonly follower: StreamFollower
  readonly renderer: Renderer
  /** The run's own signal. */
  readonly signal: AbortSignal
  take(events: readonly StreamEvent[]): void
  /** Ends the connection to the provider. */
  abort(reason: OortError): void
  /** Writes the run's last word; the first call counts. Never rejects. */
  settle(failure: OortError | undefined): Promise<Run>
}

/**
 * Carries a streamed answer from the provider to the caller, chunk by chunk and no faster than the caller reads, while
 * the follower reads along. The run is settled before the caller gets the provider's end marker, or the end of the
 * stream, so that who saw the end finds the run in the history. A caller who leaves ends it all at once.
 */
export function relay({ body, follower, renderer, signal, take, abort, settle }: Relay): Readable {
  let bytes = 0
  let ended = false
  /** Why the provider's bytes stopped, while those that arrived before are still on their way. */
  let broken: OortError | undefined

  /** Settles, and says the rest to the caller. */
  const finish = async (last: StreamEvent | undefined, before?: Buffer | string): Promise<void> => {
    ended = true
    const failure = broken ?? failureOf(last)
    const run = await settle(failure)
    if (before !== undefined) carrying.push(before)
    const after = renderer.end(run, failure)
    if (after === undefined && failure !== undefined) throw failure
    if (after !== undefined && after.length > 0) carrying.push(after)
  }

  /** The provider has nothing more to say that counts: closes its connection and ends the caller's. */
  const hangUp = (): void => {
    body.unpipe(carrying)
    abort(new OortError('PROVIDER_RESPONSE_INVALID'))
    carrying.end()
  }

  const carrying = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      const events = follower.push(chunk)
      if (events.length > 0) take(events)
      const out = renderer.more(chunk, events)
      const last = events.at(-1)
      if (ended || (last?.type !== 'done' && last?.type !== 'error')) {
        done(null, out)
        if (bytes > maxStreamBytes) hangUp()
        return
      }
      finish(last, out).then(() => {
        done()
        if (last.type === 'error') hangUp()
      }, done)
    },
    flush(done) {
      if (ended) return done()
      const events = broken === undefined ? follower.end() : []
      take(events)
      finish(events.at(-1)).then(() => done(), done)
    },
    destroy(error, done) {
      const gone = new OortError('RUN_CANCELLED')
      if (!body.readableEnded) abort(gone)
      if (ended) return done(error)
      ended = true
      void settle(gone).then(() => done(error))
    },
  })

  /** Settles at once: what waits on its way to a slow caller does not keep a cancelled run alive. */
  const breakOff = (error: unknown): void => {
    if (!ended) {
      broken ??= transportError(error, signal)
      void settle(broken)
    }
    carrying.end()
  }
  body.on('error', breakOff)
  // All of the body may have come, and wait in `carrying` for a caller who reads slowly: then it has no error any more.
  signal.addEventListener('abort', () => breakOff(signal.reason), { once: true })
  return body.pipe(carrying)
}

function failureOf(last: StreamEvent | undefined): OortError | undefined {
  return last?.type === 'error' ? new OortError(last.code, { detail: last.detail }) : undefined
}
