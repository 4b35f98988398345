import type { Readable } from 'node:stream'
import { OortError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Platform } from '../platform.ts'
import { adapterOf } from '../providers/adapters.ts'
import { parseJson } from '../providers/json.ts'
import type { Answer, UpstreamRequest } from '../providers/provider.ts'
import { maxBodyBytes, readBody } from '../providers/read-body.ts'
import { refusalOf } from '../providers/refusal-of.ts'
import { transportError } from '../providers/transport-error.ts'
import type { Upstream, UpstreamResponse } from '../providers/upstream.ts'
import { writeAtLast } from '../store/write-at-last.ts'
import { channels } from '../telemetry/channels.ts'
import { type BegunRun, beginRuns } from './begin-runs.ts'
import { type LiveRun, liveRunsOf } from './live-runs.ts'
import { type Renderer, relay } from './relay.ts'
import type { Run, RunCaller, RunOrder } from './run-order.ts'
import { settlementOf, settleRun } from './settle-run.ts'
import { createTally } from './tally.ts'

/** An answer that was read whole. */
export interface WholeAnswer {
  readonly run: Run
  readonly answer: Answer
  /** The provider's very bytes. */
  readonly bytes: Buffer
  readonly contentType: string
}

/** An answer that has begun. */
export interface StreamedAnswer {
  readonly contentType: string
  readonly body: Readable
}

/** A run that stands in the database and waits to be sent. Call one of its methods, once. */
export interface Execution {
  /** As it stands: at the start, and once it is settled. */
  readonly run: Run
  /** Sends it and reads the answer. Rejects when the run failed; the run is settled either way. */
  answer(): Promise<WholeAnswer>
  /** Sends it and resolves when the provider begins to answer. Rejects, with the run settled, when it does not. */
  stream(renderer: (run: Run) => Renderer): Promise<StreamedAnswer>
}

export interface Executor {
  /**
   * Writes down runs, all or none. Each must then be sent. Throws PROVIDER_KEY_MISSING, PLAN_LIMIT_REACHED,
   * CONCURRENCY_REACHED, RATE_LIMITED, SHUTTING_DOWN, STORE_UNAVAILABLE.
   */
  start(caller: RunCaller, orders: readonly RunOrder[]): Promise<readonly Execution[]>
}

/** An error's body is a sentence or two. Bytes. */
const largestError = 256 * 1024

export const runIdHeader = 'x-oort-run-id'

export function createExecutor(platform: Platform, upstream: Upstream): Executor {
  const registry = liveRunsOf(platform)
  return {
    async start(caller, given) {
      const orders = given.map((order) => ({ ...order, id: newId('run') }))
      const live = registry.enter(
        caller.scope.userId,
        orders.map(({ id }) => id),
      )
      try {
        const begun = await beginRuns(platform, caller, orders)
        return begun.map((each, index) =>
          execution(platform, upstream, caller, pick(orders, index), pick(live, index), each),
        )
      } catch (error) {
        for (const run of live) run.leave()
        throw error
      }
    },
  }
}

function pick<T>(list: readonly T[], index: number): T {
  const found = list[index]
  if (found === undefined) throw new RangeError(`no element ${index}`)
  return found
}

function execution(
  { clock, config, log }: Platform,
  upstream: Upstream,
  { scope, signal: caller }: RunCaller,
  { provider, endpoint, text, request: requestWith }: RunOrder,
  live: LiveRun,
  { run, key }: BegunRun,
): Execution {
  const adapter = adapterOf(provider)
  const tally = createTally(Buffer.byteLength(text))
  const { signal } = live
  let firstByteAt: number | null = null
  let settled: Promise<Run> | undefined
  let current = run
  // Holds the key. Let go of as soon as it is sent.
  let request: UpstreamRequest | undefined = requestWith(key)

  const leave = (): void => live.abort(new OortError('RUN_CANCELLED'))
  if (caller.aborted) leave()
  else caller.addEventListener('abort', leave, { once: true })

  const finish = async (failure: OortError | undefined): Promise<Run> => {
    const account = tally.account()
    const last = settlementOf(run, { account, failure, firstByteAt, finishedAt: clock() })
    // The answer is paid for and goes to its owner all the same. What stays unwritten, the watch marks as interrupted.
    const { ended } = await writeAtLast(
      () => settleRun(config, scope, run, last, account.output),
      (error) => log.error({ err: error, runId: run.id }, 'the end of a run could not be written down'),
    )
    caller.removeEventListener('abort', leave)
    live.leave(ended)
    channels.runEnded.tell({ provider, state: last.state })
    current = { ...run, ...last }
    return current
  }
  const settle = (failure: OortError | undefined): Promise<Run> => {
    settled ??= finish(failure)
    return settled
  }

  /** Settles the run as failed; answers the error, which then names the run. */
  const fail = async (error: unknown): Promise<OortError> => {
    const { code, facts, cause } = transportError(error, signal)
    const failure = new OortError(code, { ...facts, headers: { ...facts.headers, [runIdHeader]: run.id } }, cause)
    await settle(failure)
    return failure
  }

  const send = async (whole: boolean): Promise<UpstreamResponse> => {
    if (request === undefined) throw new OortError('INTERNAL', {}, new Error('a run is sent once'))
    const sending = upstream.send(request, { signal, whole })
    request = undefined
    const response = await sending
    const { status } = response
    if (status < 200 || status >= 300) throw await refusalOf(adapter, response, largestError, signal)
    tally.begin()
    firstByteAt = clock()
    return response
  }

  return {
    get run() {
      return current
    },
    async answer() {
      try {
        const { headers, body } = await send(true)
        const bytes = await readBody(body, maxBodyBytes, signal)
        const answer = adapter.readAnswer(parseJson(bytes.toString('utf8')), endpoint)
        tally.takeWhole(answer)
        return { run: await settle(undefined), answer, bytes, contentType: contentTypeOf(headers, 'application/json') }
      } catch (error) {
        throw await fail(error)
      }
    },
    async stream(renderer) {
      try {
        const { headers, body } = await send(false)
        const follower = adapter.followStream(endpoint)
        const { abort } = live
        const stream = relay({ body, follower, renderer: renderer(run), signal, take: tally.take, abort, settle })
        return { contentType: contentTypeOf(headers, 'text/event-stream'), body: stream }
      } catch (error) {
        throw await fail(error)
      }
    },
  }
}

/** The provider's own Content-Type, where it is one of the two that it may send. */
function contentTypeOf(headers: UpstreamResponse['headers'], otherwise: string): string {
  const type = headers['content-type']
  return typeof type === 'string' && /^(application\/json|text\/event-stream)(;|$)/.test(type) ? type : otherwise
}
