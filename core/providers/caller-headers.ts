import type { CallerHeaders } from './provider.ts'

/** RFC 9110 field values without obs-text; the length keeps a caller from filling the provider's header limit. */
const plainValue = /^[\x20-\x7e]{1,512}$/

/**
 * The caller's headers that may travel on. An allow-list: anything that authenticates, routes, frames or names the
 * caller stays here. Repeated headers are joined (RFC 9110, section 5.3); values that are no plain text are dropped.
 */
export function pickHeaders(headers: CallerHeaders, allowed: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of allowed) {
    const value = headers[name]
    if (value === undefined) continue
    const text = typeof value === 'string' ? value : value.join(', ')
    if (plainValue.test(text)) picked[name] = text
  }
  return picked
}
