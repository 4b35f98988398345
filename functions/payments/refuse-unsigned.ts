import { second } from '../../core/clock.ts'
import { OortError } from '../../core/errors.ts'
import type { ProveOrigin } from '../../core/http/operation.ts'
import type { Till } from './till.ts'

/** How far the time of the signature may be from ours, in either direction. Seconds. */
export const tolerance = 300

/**
 * Refuses a body that Stripe did not sign, within five minutes, with one of the secrets. Two are accepted while one is
 * being replaced by the other. Throws SIGNATURE_REFUSED without saying what was wrong.
 * Source: https://docs.stripe.com/webhooks/signature
 */
export function refuseUnsigned({ stripe, webhookSecrets }: Till, now: number, sent: Parameters<ProveOrigin>[0]): void {
  const header = sent.headers['stripe-signature']
  const signedAt = timeIn(header)
  // Stripe's own check is of the age alone: a signature from the future would be good for as long as it is ahead.
  const ahead = signedAt - Math.floor(now / second)
  // As text: from bytes, Stripe's check would take away a byte order mark that nobody signed.
  const body = sent.rawBody.toString('utf8')
  const signed = webhookSecrets.some((secret) => {
    try {
      stripe.webhooks.constructEvent(body, header ?? '', secret, tolerance, undefined, now)
      return true
    } catch {
      return false
    }
  })
  if (!signed || !(ahead <= tolerance)) throw new OortError('SIGNATURE_REFUSED')
}

/** The one time that the header names; NaN when it names none or several, of which Stripe's check would take the last. */
function timeIn(header: string | string[] | undefined): number {
  if (typeof header !== 'string') return Number.NaN
  const [time, ...others] = header.split(',').filter((part) => part.startsWith('t='))
  return time !== undefined && others.length === 0 && /^t=\d{1,12}$/.test(time) ? Number(time.slice(2)) : Number.NaN
}
