import { publicKeyPem, sign, signingKey } from '../crypto/signing.ts'
import { insideOf, type Platform } from '../platform.ts'
import { fingerprintOf } from './verify.mjs'

/** Signs the manifests of exports, with a key of its own: the same for a database for ever. */
export interface ExportSigner {
  /** PEM (SPKI). */
  readonly publicKey: string
  /** SHA-256 of the public key (SPKI in DER), in hexadecimal. */
  readonly fingerprint: string
  /** An Ed25519 signature of 64 bytes. */
  sign(manifest: Uint8Array): Buffer
}

export function exportSigner(platform: Platform): ExportSigner {
  const key = signingKey(insideOf(platform).keyring, 'export-manifest')
  const publicKey = publicKeyPem(key)
  return { publicKey, fingerprint: fingerprintOf(publicKey), sign: (manifest) => sign(key, manifest) }
}
