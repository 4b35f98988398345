import { useEffect, useState } from 'preact/hooks'
import type { ErrorCode } from '../../../../core/errors.ts'
import { ApiError, explain } from '../api/problem.ts'
import { Button } from '../components/button.tsx'
import { Notice } from '../components/notice.tsx'

/** Where what stands in the way can be put right. */
const ways: Readonly<Partial<Record<ErrorCode | 'UNREACHABLE', { readonly path: string; readonly text: string }>>> = {
  PROVIDER_KEY_REFUSED: { path: '/keys', text: 'Look at your keys' },
  PROVIDER_KEY_MISSING: { path: '/keys', text: 'Add a key' },
  PLAN_LIMIT_REACHED: { path: '/plan', text: 'Look at your plan' },
  CONCURRENCY_REACHED: { path: '/plan', text: 'Look at your plan' },
}

/** What a user cannot put right is worth trying again. */
const hopeless: ReadonlySet<string> = new Set([
  'PROVIDER_KEY_REFUSED',
  'PROVIDER_KEY_MISSING',
  'PLAN_LIMIT_REACHED',
  'PROVIDER_REQUEST_REFUSED',
  'BODY_INVALID',
  'MODEL_UNKNOWN',
  'TEXT_INVALID',
  'BODY_TOO_LARGE',
])

/** Why a run did not come about: what happened, what to do about it and, where one has to wait, for how long. */
export function Refusal({ error, onRetry }: { readonly error: unknown; onRetry?: (() => void) | undefined }) {
  const known = error instanceof ApiError ? error : undefined
  const left = useCountdown(known)
  const way = known === undefined ? undefined : ways[known.code]
  const retry = known !== undefined && !hopeless.has(known.code) ? onRetry : undefined
  return (
    <Notice kind="error">
      <p>{known === undefined ? explain(error) : sentenceOf(known)}</p>
      {(way !== undefined || retry !== undefined) && (
        <div class="actions">
          {way !== undefined && <a href={way.path}>{way.text}</a>}
          {retry !== undefined && (
            <Button disabled={left > 0} onClick={retry}>
              {left > 0 ? `Try again in ${left} s` : 'Try again'}
            </Button>
          )}
        </div>
      )}
    </Notice>
  )
}

/** With what is wrong in the request itself, where the answer says so. */
function sentenceOf({ message, issues }: ApiError): string {
  const parts = [message, ...issues.map((issue) => issue.message)]
  return parts.map((part) => `${part.replace(/[.\s]+$/, '')}.`).join(' ')
}

/** Seconds until a further try can succeed. */
function useCountdown(error: ApiError | undefined): number {
  const wait = error?.retryAfter ?? 0
  const [left, setLeft] = useState(wait)
  useEffect(() => {
    const until = Date.now() + wait * 1_000
    const count = () => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1_000)))
    count()
    if (wait === 0) return
    const timer = setInterval(count, 250)
    return () => clearInterval(timer)
  }, [wait, error])
  return left
}
