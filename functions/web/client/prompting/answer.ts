import type { ErrorCode } from '../../../../core/errors.ts'
import { ApiError, type Issue } from '../api/problem.ts'
import type { StreamedEvent } from '../api/stream.ts'
import { hasEnded, type Run } from './run-record.ts'

/** One model's answer on the board: the run as far as it is known, and what it said so far. */
export interface Answer {
  /** As it was asked for. */
  readonly model: string
  /** When, by the browser's clock, in milliseconds. */
  readonly askedAt: number
  /** When it began, by the same clock; undefined before that, and for an answer that began before this page did. */
  readonly begunAt: number | undefined
  /** Known once the provider has begun to answer, or has refused. */
  readonly run: Run | undefined
  readonly text: string
  /** The provider's count so far. */
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  /** Why there is no more of it. A run that was stopped has none. */
  readonly refusal: ApiError | undefined
  readonly ended: boolean
  readonly stopping: boolean
}

export function freshAnswer(model: string, askedAt: number): Answer {
  const none = { begunAt: undefined, run: undefined, inputTokens: null, outputTokens: null, refusal: undefined }
  return { model, askedAt, text: '', ended: false, stopping: false, ...none }
}

/** An answer about a run that is known already. */
export function answerOf(model: string, run: Run, output: string | null): Answer {
  const { inputTokens, outputTokens, createdAt } = run
  const answer = { ...freshAnswer(model, createdAt), run, text: output ?? '', inputTokens, outputTokens }
  return hasEnded(run) ? { ...answer, ended: true, refusal: refusalOf(run) } : answer
}

/** What each event of a stream says beside its name: see functions/runs/render-run-events.ts. */
interface EventData {
  readonly run?: Run
  readonly text?: string
  readonly inputTokens?: number | null
  readonly outputTokens?: number | null
  readonly code?: ErrorCode
  readonly title?: string
  readonly detail?: string
  readonly status?: number
  readonly issues?: readonly Issue[]
}

/** The answer after one more event. `run` begins it: who follows a run anew is told all of it again. */
export function take(answer: Answer, { event, data }: StreamedEvent, now: number): Answer {
  const said = data as EventData
  const run = said.run ?? answer.run
  switch (event) {
    case 'run':
      return { ...answer, run, text: '', begunAt: answer.run === undefined ? now : answer.begunAt }
    case 'text':
      return { ...answer, text: answer.text + (said.text ?? '') }
    case 'usage': {
      const { inputTokens = null, outputTokens = null } = said
      return { ...answer, inputTokens, outputTokens }
    }
    case 'done':
      return { ...answer, run, ended: true }
    case 'error':
      return { ...answer, run, ended: true, refusal: said.code === 'RUN_CANCELLED' ? undefined : refused(said) }
    default:
      return answer
  }
}

function refused({ code = 'INTERNAL', detail, title, status, issues }: EventData): ApiError {
  const facts = { status: status ?? 500, issues: issues ?? [] }
  return new ApiError({ code, message: detail ?? title ?? sentences[code] ?? fallback, ...facts })
}

/** Why a run of the past failed: the history keeps the code alone. Undefined for one that did not. */
export function refusalOf({ state, errorCode }: Pick<Run, 'state' | 'errorCode'>): ApiError | undefined {
  if (state === 'interrupted') return new ApiError({ code: 'SHUTTING_DOWN', message: interrupted })
  if (state !== 'failed') return undefined
  const code = errorCode ?? 'INTERNAL'
  return new ApiError({ code, message: sentences[code] ?? fallback })
}

const fallback = 'Something failed on our side'
const interrupted = 'Oort stopped while the answer was coming; what had come is kept'

/** In words for people, where the provider's own are no longer there. */
const sentences: Readonly<Partial<Record<ErrorCode, string>>> = {
  PROVIDER_KEY_MISSING: 'There was no key for this provider',
  PROVIDER_KEY_REFUSED: 'The provider refused the key',
  PROVIDER_RATE_LIMITED: 'The provider limits how fast this key may ask, and the limit was reached',
  PROVIDER_UNREACHABLE: 'The provider could not be reached',
  PROVIDER_ERROR: 'The provider had an error of its own',
  PROVIDER_TIMEOUT: 'The provider took too long to answer',
  PROVIDER_REQUEST_REFUSED: 'The provider refused the request: the model or a parameter may not suit it',
  PROVIDER_RESPONSE_INVALID: 'The provider’s answer broke off, or could not be read',
  SHUTTING_DOWN: interrupted,
}
