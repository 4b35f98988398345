import type { ErrorCode } from '../../../../core/errors.ts'
import type { Provider } from '../../../../core/providers/provider.ts'
import { ApiError } from '../api/problem.ts'
import { providerNames } from './provider-key.ts'

/** What a refusal means for somebody who gave a key, and what to do now. `name` is the provider's. */
const meanings: Readonly<Partial<Record<ErrorCode | 'UNREACHABLE', (name: string) => string>>> = {
  CONFLICT: () => 'You have added this key before: you find it in the list',
  PROVIDER_KEY_REFUSED: (name) =>
    `${name} does not accept this key. Look there whether it was revoked, and copy it whole`,
  PROVIDER_RATE_LIMITED: (name) =>
    `${name} limits what this key may ask at the moment, so that it could not be checked. Nothing was stored`,
  PROVIDER_UNREACHABLE: (name) => `${name} cannot be reached, so that the key could not be checked. Nothing was stored`,
  PROVIDER_TIMEOUT: (name) =>
    `${name} did not answer in time, so that the key could not be checked. Nothing was stored`,
  PROVIDER_ERROR: (name) => `${name} has a fault, so that the key could not be checked. Nothing was stored`,
  PROVIDER_RESPONSE_INVALID: (name) =>
    `${name} answered what cannot be read, so that the key could not be checked. Nothing was stored`,
}

/** Faults of the key, which stand beside its field; the others are nobody's in front of the form. */
const ofTheKey: ReadonlySet<string> = new Set(['CONFLICT', 'PROVIDER_KEY_MALFORMED', 'PROVIDER_KEY_REFUSED'])

/** The refusal in words for who gave the key; anything else as it is. */
export function inWords(error: unknown, provider: Provider): unknown {
  if (!(error instanceof ApiError)) return error
  const message = meanings[error.code]?.(providerNames[provider]) ?? error.message
  const { code, status, issues, retryAfter, requestId } = error
  return new ApiError({ code, message, status, issues, retryAfter, requestId })
}

export function keyIssue({ code, message }: ApiError): Readonly<Record<string, string>> | undefined {
  return ofTheKey.has(code) ? { key: `${message.replace(/[.\s]+$/, '')}.` } : undefined
}

/** Whether the key could not be checked for a reason that says nothing about the key. */
export function isUnchecked(error: unknown): boolean {
  return error instanceof ApiError && error.code in meanings && !ofTheKey.has(error.code)
}
