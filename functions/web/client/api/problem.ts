import type { ErrorCode } from '../../../../core/errors.ts'

/** One part of a request that is wrong: JSON Pointer (RFC 6901) and the reason. */
export interface Issue {
  readonly pointer: string
  readonly message: string
}

/** A refusal by the API, or UNREACHABLE where there was no answer. `message` is a sentence for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode | 'UNREACHABLE'
  /** HTTP status; 0 where there was no answer. */
  readonly status: number
  readonly issues: readonly Issue[]
  /** Seconds after which a further try can succeed. */
  readonly retryAfter: number | undefined
  readonly requestId: string | undefined
  /** The run that was refused, where one was begun. */
  readonly runId: string | undefined

  constructor(facts: {
    readonly code: ErrorCode | 'UNREACHABLE'
    readonly message: string
    readonly status?: number
    readonly issues?: readonly Issue[]
    readonly retryAfter?: number | undefined
    readonly requestId?: string | undefined
    readonly runId?: string | undefined
  }) {
    super(facts.message)
    this.code = facts.code
    this.status = facts.status ?? 0
    this.issues = facts.issues ?? []
    this.retryAfter = facts.retryAfter
    this.requestId = facts.requestId
    this.runId = facts.runId
  }
}

interface Problem {
  readonly code?: ErrorCode
  readonly title?: string
  readonly detail?: string
  readonly issues?: readonly Issue[]
  readonly requestId?: string
}

/** Reads the problem document (RFC 9457) of a refusal. What is none counts as INTERNAL. */
export async function readProblem(response: Response): Promise<ApiError> {
  const problem: Problem = await response.json().catch(() => ({}))
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ApiError({
    code: problem.code ?? 'INTERNAL',
    message: problem.detail ?? problem.title ?? 'Something failed on our side',
    status: response.status,
    issues: problem.issues ?? [],
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
    requestId: problem.requestId,
    runId: response.headers.get('x-oort-run-id') ?? undefined,
  })
}

/** Any thrown value as a sentence for people. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Something failed in this page. Reload it, then try again.'
  const wait = error.retryAfter === undefined ? '' : ` Try again in ${inWords(error.retryAfter)}.`
  return `${error.message.replace(/[.\s]+$/, '')}.${wait}`
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`
}
