import { type ErrorCode, OortError } from '../errors.ts'
import type { CallerHeaders, Provider } from './provider.ts'
import { readRetryAfter } from './retry-after.ts'

const names: Readonly<Record<Provider, string>> = { openai: 'OpenAI', anthropic: 'Anthropic', cerebras: 'Cerebras' }

/** What a provider's own error word means to our caller. `says` completes "<provider> says that …". */
export interface Meaning {
  readonly code: ErrorCode
  readonly says: string
}

/** A provider's words (its `type` or `code` field) and their meaning. Words that are not here are never repeated. */
export type Vocabulary = Readonly<Record<string, Meaning>>

/** The meaning of a status alone, for bodies that are empty, not JSON, or use a new word. */
function meaningOf(status: number): Meaning {
  if (status === 401) return { code: 'PROVIDER_KEY_REFUSED', says: 'the key is not valid' }
  if (status === 402) return { code: 'PROVIDER_REQUEST_REFUSED', says: 'the account has no credit left' }
  if (status === 403) return { code: 'PROVIDER_KEY_REFUSED', says: 'the key may not do this' }
  if (status === 408 || status === 504) return { code: 'PROVIDER_TIMEOUT', says: 'it took too long' }
  if (status === 429) return { code: 'PROVIDER_RATE_LIMITED', says: 'the rate limit of the key is reached' }
  if (status >= 400 && status < 500) return { code: 'PROVIDER_REQUEST_REFUSED', says: 'the request is not acceptable' }
  return { code: 'PROVIDER_ERROR', says: 'it failed' }
}

/** One sentence for people, made of our words only. */
export function detailOf(provider: Provider, meaning: Meaning): string {
  return `${names[provider]} says that ${meaning.says}.`
}

/**
 * Finds the first of the provider's words that we know; else judges by the status.
 * An own-property look-up: a word such as `constructor` means nothing.
 */
export function meaningOfWords(vocabulary: Vocabulary, words: readonly unknown[], status: number): Meaning {
  for (const word of words) {
    const known = typeof word === 'string' && Object.hasOwn(vocabulary, word) ? vocabulary[word] : undefined
    if (known !== undefined) return known
  }
  return meaningOf(status)
}

/** The error for an answer outside 2xx. */
export function providerError(
  provider: Provider,
  status: number,
  meaning: Meaning,
  headers: CallerHeaders = {},
): OortError {
  const retryAfter = meaning.code === 'PROVIDER_RATE_LIMITED' ? readRetryAfter(headers, Date.now()) : undefined
  return new OortError(meaning.code, {
    detail: detailOf(provider, meaning),
    providerStatus: status,
    ...(retryAfter === undefined ? {} : { retryAfter: Math.ceil(retryAfter / 1_000) }),
  })
}
