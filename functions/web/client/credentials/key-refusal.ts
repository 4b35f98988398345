import type { ErrorCode } from '../../../../core/errors.ts'
import type { Provider } from '../../../../core/providers/provider.ts'
import { ApiError } from '../api/problem.ts'
import { providerNames } from './provider-key.ts'

/** What a refusal means, in words with the provider's name. */
type Meanings = Readonly<Partial<Record<ErrorCode | 'UNREACHABLE', (name: string) => string>>>

/** Why a provider did not say whether it accepts a key: none of it is a fault of the key. */
const hindrances: Meanings = {
  PROVIDER_RATE_LIMITED: (name) => `${name} limits what this key may ask at the moment`,
  PROVIDER_UNREACHABLE: (name) => `${name} cannot be reached`,
  PROVIDER_TIMEOUT: (name) => `${name} did not answer in time`,
  PROVIDER_ERROR: (name) => `${name} has a fault`,
  PROVIDER_RESPONSE_INVALID: (name) => `${name} answered what cannot be read`,
}

/** For somebody who gave a key, and what to do now. */
const ofGiven: Meanings = {
  CONFLICT: () => 'You have added this key before: you find it in the list',
  PROVIDER_KEY_REFUSED: (name) =>
    `${name} does not accept this key. Look there whether it was revoked, and copy it whole`,
}

/** For somebody who has a key checked that is stored. */
const ofStored: Meanings = {
  CONFLICT: (name) => `The key was replaced while ${name} was asked about the old one. Check the new one`,
  PROVIDER_KEY_REFUSED: (name) =>
    `${name} does not accept this key. Look there whether it was revoked, and replace it here`,
}

/** Faults of the key, which stand beside its field; the others are nobody's in front of the form. */
const ofTheKey: ReadonlySet<string> = new Set(['CONFLICT', 'PROVIDER_KEY_MALFORMED', 'PROVIDER_KEY_REFUSED'])

/** The refusal in words for who gave the key; anything else as it is. */
export function inWords(error: unknown, provider: Provider): unknown {
  return reworded(error, provider, ofGiven, 'Nothing was stored')
}

/** The refusal in words for who has a stored key checked; anything else as it is. */
export function checkInWords(error: unknown, provider: Provider): unknown {
  return reworded(error, provider, ofStored, 'It is kept as it was')
}

/** `unchecked` says what became of a key that could not be checked. */
function reworded(error: unknown, provider: Provider, meanings: Meanings, unchecked: string): unknown {
  if (!(error instanceof ApiError)) return error
  const name = providerNames[provider]
  const hindrance = hindrances[error.code]?.(name)
  const message =
    hindrance === undefined
      ? (meanings[error.code]?.(name) ?? error.message)
      : `${hindrance}, so that the key could not be checked. ${unchecked}`
  const { code, status, issues, retryAfter, requestId } = error
  return new ApiError({ code, message, status, issues, retryAfter, requestId })
}

export function keyIssue({ code, message }: ApiError): Readonly<Record<string, string>> | undefined {
  return ofTheKey.has(code) ? { key: `${message.replace(/[.\s]+$/, '')}.` } : undefined
}

/** Whether the key could not be checked for a reason that says nothing about the key. */
export function isUnchecked(error: unknown): boolean {
  return error instanceof ApiError && error.code in hindrances
}
