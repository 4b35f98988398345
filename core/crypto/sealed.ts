import type { KeyObject } from 'node:crypto'
import { decrypt, type Encrypted, encrypt } from './aes-gcm.ts'

/** What a sealed value looks like at rest: four columns. */
export interface Sealed extends Encrypted {
  /** Which version of the master key sealed it: 1, 2, 3 … */
  readonly keyVersion: number
}

/** The one place where a sealed value belongs. It opens nowhere else: not in another row, nor for another user. */
export interface SealContext {
  readonly table: string
  readonly column: string
  readonly rowId: string
  readonly userId: string
  /** Whose API the value is for. Absent is a case of its own, other than the empty string. */
  readonly provider?: string
}

/** Changes with the meaning of the bytes below, so that values of two schemes can never be taken for each other. */
const scheme = 'oort/sealed/1'

/**
 * The additional authenticated data: a JSON array, because JSON quotes and escapes each part. No two contexts share
 * an encoding, as `ab` + `c` and `a` + `bc` would if they were merely joined.
 */
function bind(keyVersion: number, { table, column, rowId, userId, provider }: SealContext): Buffer {
  return Buffer.from(JSON.stringify([scheme, table, column, rowId, userId, provider ?? null, keyVersion]))
}

/** Seals a plaintext for one context. Two seals of the same plaintext have nothing in common but their length. */
export function seal(key: KeyObject, keyVersion: number, plaintext: Uint8Array, context: SealContext): Sealed {
  return { keyVersion, ...encrypt(key, plaintext, bind(keyVersion, context)) }
}

/**
 * Opens what `seal` made with the same key for the same context. DECRYPTION_FAILED for everything else, without a
 * hint of what differs.
 */
export function open(key: KeyObject, sealed: Sealed, context: SealContext): Buffer {
  return decrypt(key, sealed, bind(sealed.keyVersion, context))
}
