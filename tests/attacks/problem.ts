import { expect } from 'vitest'
import { catalogue, type ErrorCode } from '../../core/errors.ts'
import type { Answered } from '../support/http.ts'

/** What would tell of the inside: a stack, a statement, a place in a file system. */
const inside =
  /\bat .+:\d+:\d+|node_modules|SQLITE|\bSELECT\b|\bINSERT\b|\/(?:tmp|home|root|srv|usr|work)\/|\.(?:ts|js):\d/

/** Codes that tell of a service behind us: no caller makes them wrong. */
const behindUs = /^PROVIDER_|^PAYMENTS_UNAVAILABLE$/

/**
 * Holds that an answer is no fault of ours: below 500 unless a service behind us failed, and, from 400 on, a problem
 * document with a code of the catalogue and nothing of the inside.
 */
export function expectNoFault(answer: Answered, what: string): void {
  const { status, headers, text } = answer
  if (status < 400) return
  expect([what, headers['content-type']]).toEqual([what, 'application/problem+json'])
  const problem = JSON.parse(text) as { readonly code: ErrorCode; readonly status: number }
  // In a provider's language, what the provider refused keeps the provider's own status.
  const expected = behindUs.test(problem.code) ? status : catalogue[problem.code]?.status
  expect([what, problem.code, expected, problem.status]).toEqual([what, problem.code, status, status])
  expect([what, text.match(inside)?.[0]]).toEqual([what, undefined])
  if (!behindUs.test(problem.code)) expect([what, problem.code, status < 500]).toEqual([what, problem.code, true])
}
