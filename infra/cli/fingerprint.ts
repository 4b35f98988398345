import { InvalidArgumentError } from 'commander'

/** Reads the fingerprint of a signing key: a SHA-256 in hexadecimal. */
export function fingerprint(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('A fingerprint has 64 hexadecimal digits.')
  return text
}
