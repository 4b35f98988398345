import { AsyncLocalStorage } from 'node:async_hooks'

/** A provider is asked. Each is to be called at its moment; the first call counts. */
export interface Asking {
  /** The provider has begun to answer. */
  answered(): void
  /** Its answer has ended, or will not come. Counts as answered too. */
  ended(): void
}

/** How long a request has been under way, and how much of that a provider took. Seconds. */
export interface RequestTime {
  /** When it began, in the stopwatch's milliseconds. */
  readonly began: number
  total(): number
  /** Time in which at least one provider was asked and had not begun to answer. */
  untilAnswered(): number
  /** Time in which at least one provider was asked and its answer had not ended. */
  untilEnded(): number
  /** Whether any was asked. */
  readonly forwarded: boolean
  ask(): Asking
}

type Stopwatch = () => number

/** Starts to measure. `stopwatch` tells milliseconds of a clock that never goes back. */
export function createRequestTime(stopwatch: Stopwatch = () => performance.now()): RequestTime {
  const began = stopwatch()
  const waits = createUnion(stopwatch)
  const answers = createUnion(stopwatch)
  let forwarded = false
  return {
    began,
    total: () => (stopwatch() - began) / 1_000,
    untilAnswered: () => waits.length() / 1_000,
    untilEnded: () => answers.length() / 1_000,
    get forwarded() {
      return forwarded
    },
    ask() {
      forwarded = true
      const answered = waits.open()
      const close = answers.open()
      const ended = () => {
        answered()
        close()
      }
      return { answered, ended }
    },
  }
}

/** The length of intervals together. Those that overlap, as in a comparison of models, count once. */
function createUnion(stopwatch: Stopwatch) {
  let open = 0
  let since = 0
  let before = 0
  return {
    length: () => before + (open > 0 ? stopwatch() - since : 0),
    open() {
      if (open === 0) since = stopwatch()
      open += 1
      let closed = false
      return () => {
        if (closed) return
        closed = true
        open -= 1
        if (open === 0) before += stopwatch() - since
      }
    },
  }
}

const current = new AsyncLocalStorage<RequestTime>()

/** Runs `work`, and all that follows from it, as part of a request. */
export function duringRequest(time: RequestTime, work: () => void): void {
  current.run(time, work)
}

/** The time of the request that this is part of; undefined outside of any, and where none is measured. */
export function currentRequest(): RequestTime | undefined {
  return current.getStore()
}
