import { Secret, TOTP } from 'otpauth'

const period = 30

/** SHA-1, 6 digits and 30 seconds: the only settings that all authenticator apps take. HMAC-SHA-1 is unbroken. */
function totp(secret: string, labels: { issuer?: string; label?: string } = {}): TOTP {
  return new TOTP({ ...labels, secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period })
}

/** A fresh second-factor secret: 160 random bits in base32, as RFC 4226, section 4, recommends. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32
}

/** The `otpauth://` address that authenticator apps read from a QR code. Holds the secret. */
export function totpUri(secret: string, email: string, issuer = 'Oort'): string {
  return totp(secret, { issuer, label: email }).toString()
}

/**
 * Checks a code at a time (milliseconds) with one step of tolerance to either side, for clocks that differ.
 * Returns the number of the 30-second step that the code is of, or undefined. The caller must refuse a step that is
 * not above the last one accepted: a code counts once. Source: RFC 6238, section 5.2.
 */
export function verifyTotp(secret: string, code: string, now: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined
  const delta = totp(secret).validate({ token: code, timestamp: now, window: 1 })
  return delta === null ? undefined : Math.floor(now / 1000 / period) + delta
}
