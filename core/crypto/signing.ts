import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto'
import type { Keyring } from './keyring.ts'

/** All of a PKCS #8 Ed25519 private key but its last 32 bytes, the seed. Source: RFC 8410, sections 7 and 10.3. */
const pkcs8Header = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * The private Ed25519 key of a purpose, the same for a database for ever, whatever its master key. Signs what must be
 * checked away from here: audit checkpoints and the manifests of exports.
 */
export function signingKey(keyring: Pick<Keyring, 'signingSeed'>, purpose: string): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([pkcs8Header, keyring.signingSeed(purpose)]),
    format: 'der',
    type: 'pkcs8',
  })
}

/** An Ed25519 signature (RFC 8032) of 64 bytes. The same data has the same signature. */
export function sign(key: KeyObject, data: string | Uint8Array): Buffer {
  return signBytes(null, Buffer.from(data), key)
}

/** Whether the signature is of this data by this key. False, and no error, for a signature of any other shape. */
export function verify(publicKey: KeyObject | string, data: string | Uint8Array, signature: Uint8Array): boolean {
  return verifyBytes(null, Buffer.from(data), publicKey, signature)
}

/** The public half as PEM (SPKI), to be handed out with what was signed. `openssl pkeyutl -verify` reads it too. */
export function publicKeyPem(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString()
}
