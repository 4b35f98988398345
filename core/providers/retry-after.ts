import type { CallerHeaders } from './provider.ts'

/**
 * How long the provider asks us to wait, in milliseconds from `now`; undefined where it does not say or says
 * nonsense. `retry-after-ms` is OpenAI's more exact form and wins over Retry-After (RFC 9110, section 10.2.3:
 * seconds or an HTTP date).
 */
export function readRetryAfter(headers: CallerHeaders, now: number): number | undefined {
  const exact = headers['retry-after-ms']
  if (typeof exact === 'string' && /^\d{1,9}(\.\d+)?$/.test(exact)) return Math.ceil(Number(exact))
  const value = headers['retry-after']
  if (typeof value !== 'string') return undefined
  if (/^\d{1,6}(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1_000)
  const date = /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
