import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { OortError } from '../errors.ts'
import { deriveKey } from './derive-key.ts'
import { open, type SealContext, type Sealed, seal } from './sealed.ts'

export interface MasterKey {
  readonly version: number
  readonly secret: string
}

export interface KeyringParts {
  /** Seals everything new. */
  readonly current: MasterKey
  /** Still opens what it sealed, until `oort rekey` has moved every row to `current`. */
  readonly previous?: MasterKey
  /**
   * 32 random bytes, made once for a database and never changed. Indexes, MACs and signatures come from it and not
   * from the master key: they must outlive a rotation, or nobody is found by e-mail and the audit chain breaks.
   */
  readonly root: Uint8Array
}

export interface KeyringOptions {
  /** How many values the current version had sealed before this process. */
  readonly sealCount?: number
  /** The count at which to warn. */
  readonly warnAt?: number
  /** Called once, when the current version's count reaches `warnAt`: time to rotate. */
  readonly onNearingLimit?: (version: number, count: number) => void
}

/** The only holder of keys in the process. No key leaves it. */
export interface Keyring {
  readonly currentVersion: number
  /** The versions that `open` accepts, the current one first. */
  readonly versions: readonly number[]
  /** How many values the current version has sealed, those before this process included. */
  readonly sealCount: number
  /** Seals under the current version. Text is sealed as UTF-8. */
  seal(plaintext: string | Uint8Array, context: SealContext): Sealed
  /** DECRYPTION_FAILED for another context, changed bytes or a version that is not in `versions`. */
  open(sealed: Sealed, context: SealContext): Buffer
  openText(sealed: Sealed, context: SealContext): string
  /**
   * HMAC-SHA-256 of a value, to find a sealed value by equality. The caller normalises. Equal values of one purpose
   * have equal indexes: that much the database tells.
   */
  blindIndex(purpose: string, value: string): Buffer
  /** HMAC-SHA-256 under a key of this purpose alone. */
  mac(purpose: string, data: string | Uint8Array): Buffer
  /** The Ed25519 seed of a purpose: for `signingKey` alone. */
  signingSeed(purpose: string): Buffer
}

/**
 * Half of the 2³² messages that NIST SP 800-38D, section 8.3, allows one key with random IVs: early enough to rotate
 * without haste.
 */
const halfOfLimit = 2 ** 31

const rootBytes = 32

/** The AES key of a master key. SHA-256 suffices: `refuseWeakSecret` keeps guessable secrets out. */
function aesKey({ secret }: MasterKey): KeyObject {
  return createSecretKey(createHash('sha256').update(secret, 'utf8').digest())
}

/** Throws RangeError for a root of the wrong size or for two master keys of one version: mistakes of the caller. */
export function createKeyring({ current, previous, root }: KeyringParts, options: KeyringOptions = {}): Keyring {
  if (root.length !== rootBytes) throw new RangeError(`The root has ${root.length} bytes instead of ${rootBytes}`)
  if (previous?.version === current.version) throw new RangeError('Two master keys claim one version')

  const currentKey = aesKey(current)
  const keys = new Map([[current.version, currentKey]])
  if (previous !== undefined) keys.set(previous.version, aesKey(previous))

  const rootKey = createSecretKey(root)
  const derived = new Map<string, KeyObject>()
  const hmac = (use: 'index' | 'mac', purpose: string, data: string | Uint8Array): Buffer => {
    const label = `${use}/${purpose}`
    const key = derived.get(label) ?? createSecretKey(deriveKey(rootKey, use, purpose))
    derived.set(label, key)
    return createHmac('sha256', key).update(data).digest()
  }

  const warnAt = options.warnAt ?? halfOfLimit
  let sealCount = options.sealCount ?? 0
  let warned = false
  const count = (): void => {
    sealCount += 1
    if (warned || sealCount < warnAt) return
    warned = true
    options.onNearingLimit?.(current.version, sealCount)
  }

  const openBytes = (sealed: Sealed, context: SealContext): Buffer => {
    const key = keys.get(sealed.keyVersion)
    if (key === undefined) throw new OortError('DECRYPTION_FAILED')
    return open(key, sealed, context)
  }

  return {
    currentVersion: current.version,
    versions: [...keys.keys()],
    get sealCount() {
      return sealCount
    },
    seal(plaintext, context) {
      const sealed = seal(currentKey, current.version, Buffer.from(plaintext), context)
      count()
      return sealed
    },
    open: openBytes,
    openText: (sealed, context) => openBytes(sealed, context).toString('utf8'),
    blindIndex: (purpose, value) => hmac('index', purpose, value),
    mac: (purpose, data) => hmac('mac', purpose, data),
    signingSeed: (purpose) => deriveKey(rootKey, 'signing', purpose),
  }
}
