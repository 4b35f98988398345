import type { IncomingHttpHeaders } from 'node:http'
import { OortError } from '../errors.ts'

/**
 * Refuses a changing request that a browser sent on behalf of another site. Sec-Fetch-Site decides where the browser
 * sends it; else Origin must be our own. A request with neither is refused: no current browser sends one, and
 * programs use an API key, which no browser adds by itself. Throws CROSS_SITE_REFUSED.
 * Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet, "Fetch Metadata headers".
 */
export function refuseCrossSite(headers: IncomingHttpHeaders, publicUrl: string): void {
  const site = headers['sec-fetch-site']
  if (site !== undefined) {
    if (site !== 'same-origin') throw new OortError('CROSS_SITE_REFUSED')
    return
  }
  if (headers.origin !== publicUrl) {
    throw new OortError('CROSS_SITE_REFUSED', { detail: 'Send the header Origin with the address of this site.' })
  }
}
