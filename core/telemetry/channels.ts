import { channel } from 'node:diagnostics_channel'
import type { Provider } from '../providers/provider.ts'
import type { FinalState } from '../runs/run-state.ts'
import type { RequestTime } from './request-time.ts'

/** An answer that has ended. Times are in seconds. */
export interface Answered {
  /** Whose answer: the same object as in the request's steps. */
  readonly request: RequestTime
  /** The request's id, which the answer and the log carry too. */
  readonly id: string
  readonly method: string
  /** The route's pattern; undefined where no route was met. */
  readonly route: string | undefined
  readonly status: number
  readonly total: number
  /** Of `total`, what did not pass while a provider was asked: Oort's own. */
  readonly own: number
  /** The same up to the first byte; undefined where none went out. */
  readonly ownToFirstByte: number | undefined
  /** Whether a provider was asked for it. */
  readonly forwarded: boolean
}

interface Step {
  readonly request: RequestTime
  /** As `ended`, in milliseconds of `performance.now()`. */
  readonly began: number
  readonly ended: number
}

/** Who calls was established, or was not. */
interface Authentication extends Step {
  readonly step: 'authentication'
}

/** A unit of work came to be on disk, or failed: from when it joined the queue. */
interface Commit extends Step {
  readonly step: 'commit'
}

/** A provider was asked, tries again included. */
interface UpstreamCall extends Step {
  readonly step: 'upstream'
  readonly provider: Provider
  /** When it began to answer; undefined where it did not. */
  readonly answered: number | undefined
}

/** A part of a request's work that has ended. It can end, and even begin, after the answer. */
export type StepEnded = Authentication | Commit | UpstreamCall

export interface RunEnded {
  readonly provider: Provider
  readonly state: FinalState
}

/** A group of units of work that one commit made durable, or that failed together. */
export interface GroupEnded {
  readonly committed: boolean
  readonly units: number
  /** Units that still wait. */
  readonly waiting: number
  /** From the lock to the disk, in seconds. */
  readonly seconds: number
}

/** Something happened. Nobody may listen; then saying so costs next to nothing. */
export interface Telling<Event> {
  /** Whether anybody listens, for those to whom the event's making is a cost. */
  readonly heard: boolean
  tell(event: Event): void
  /** Answers how to stop listening. */
  listen(listener: (event: Event) => void): () => void
}

function telling<Event>(name: string): Telling<Event> {
  const told = channel(name)
  return {
    get heard() {
      return told.hasSubscribers
    },
    tell: (event) => told.publish(event),
    listen(listener) {
      const receive = (event: unknown) => listener(event as Event)
      told.subscribe(receive)
      return () => void told.unsubscribe(receive)
    },
  }
}

/**
 * What this process tells of its work, to whoever measures it. Events hold counts, times, patterns of routes and words
 * of fixed sets: no id but the request's, no name and nothing that a person typed. Source: Node's diagnostics_channel.
 */
export const channels = {
  answered: telling<Answered>('oort.answered'),
  stepEnded: telling<StepEnded>('oort.step-ended'),
  /** 1 when an answer that is a stream begins, -1 when it has ended. */
  streams: telling<1 | -1>('oort.streams'),
  runEnded: telling<RunEnded>('oort.run-ended'),
  groupEnded: telling<GroupEnded>('oort.group-ended'),
  /** An entry was appended to the audit log, in a unit of work that may yet fail. */
  auditAppended: telling<undefined>('oort.audit-appended'),
  /** The name of the limit that a call went beyond. */
  callRefused: telling<string>('oort.call-refused'),
} as const
