import * as z from 'zod'

/**
 * An e-mail address as we compare it: NFKC, lower case, without surrounding space. RFC 5321 lets a host tell local
 * parts apart by case, but none that matters does, and people type their address in any case.
 */
export const emailAddress = z
  .string()
  .max(320)
  .transform((text) => text.normalize('NFKC').trim().toLowerCase())
  .pipe(z.email().max(254))

/** The purpose of the blind index over e-mail addresses. */
export const emailIndexPurpose = 'email'
