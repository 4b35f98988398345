import { hkdfSync, type KeyObject } from 'node:crypto'

/**
 * A key of 32 bytes for one use and purpose, by HKDF-SHA-256 (RFC 5869) with the label `oort/<use>/<purpose>`.
 * Knowing one derived key tells nothing about another or about the root. `use` holds no slash, so labels are distinct.
 */
export function deriveKey(root: KeyObject, use: 'index' | 'mac' | 'signing', purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', root, Buffer.alloc(0), `oort/${use}/${purpose}`, 32))
}
