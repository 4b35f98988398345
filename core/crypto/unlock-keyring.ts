import { randomBytes, timingSafeEqual } from 'node:crypto'
import { ConfigError } from '../config.ts'
import { createKeyring, type Keyring, type KeyringOptions } from './keyring.ts'
import type { SealContext, Sealed } from './sealed.ts'

/** What the database keeps of one version of the master key. */
export interface StoredKeyVersion {
  readonly version: number
  /** A known text, sealed under this version: whichever secret opens it is the secret of this version. */
  readonly canary: Sealed
  /** The root (see KeyringParts), sealed under this version. */
  readonly root: Sealed
  readonly createdAt?: number
}

const canaryText = 'oort: this master key opens this database'

function contextOf(version: number, column: 'canary' | 'root'): SealContext {
  return { table: 'key_versions', column, rowId: String(version), userId: 'system' }
}

/** A keyring of one version that knows no root yet: enough to open or seal a canary and a root. */
function bareKeyring(version: number, secret: string): Keyring {
  return createKeyring({ current: { version, secret }, root: new Uint8Array(32) })
}

function opens(secret: string, { version, canary }: StoredKeyVersion): boolean {
  try {
    return bareKeyring(version, secret).openText(canary, contextOf(version, 'canary')) === canaryText
  } catch {
    return false
  }
}

function rootOf({ version, root }: StoredKeyVersion, secret: string): Buffer {
  return bareKeyring(version, secret).open(root, contextOf(version, 'root'))
}

function sealVersion(version: number, secret: string, root: Buffer): StoredKeyVersion {
  const keyring = bareKeyring(version, secret)
  return {
    version,
    canary: keyring.seal(canaryText, contextOf(version, 'canary')),
    root: keyring.seal(root, contextOf(version, 'root')),
  }
}

/**
 * Finds out which version each configured secret is, from what the database keeps of its versions, and returns the
 * keyring together with the versions that the caller has to store before it seals anything.
 *
 * - Nothing stored: the secret becomes version 1, with a fresh root. Call it so for an empty database only: a new root
 *   strands the indexes of an old one.
 * - `current` opens the highest version: an ordinary start. `previous`, if given, must open a lower one.
 * - `previous` opens the highest version and `current` none: a rotation. `current` becomes the next version.
 *
 * Anything else is a ConfigError, so that a wrong key stops the start and not the first use (K6). A root that was
 * tampered with is DECRYPTION_FAILED. Pure: reads and writes nothing.
 */
export function unlockKeyring(
  secrets: { readonly current: string; readonly previous?: string | undefined },
  stored: readonly StoredKeyVersion[],
  options: KeyringOptions = {},
): { readonly keyring: Keyring; readonly toStore: readonly StoredKeyVersion[] } {
  const newestFirst = stored.toSorted((a, b) => b.version - a.version)
  const [highest] = newestFirst
  if (highest === undefined) {
    const root = randomBytes(32)
    const current = { version: 1, secret: secrets.current }
    return { keyring: createKeyring({ current, root }, options), toStore: [sealVersion(1, secrets.current, root)] }
  }

  const previousSecret = secrets.previous === secrets.current ? undefined : secrets.previous
  const currentRow = newestFirst.find((row) => opens(secrets.current, row))
  const previousRow = previousSecret === undefined ? undefined : newestFirst.find((row) => opens(previousSecret, row))
  const previous =
    previousSecret === undefined || previousRow === undefined
      ? undefined
      : { version: previousRow.version, secret: previousSecret }

  if (currentRow === undefined) {
    if (previous === undefined || previousRow !== highest) {
      throw new ConfigError('BYOK_MASTER_KEY does not open this database')
    }
    const root = rootOf(highest, previous.secret)
    const current = { version: highest.version + 1, secret: secrets.current }
    return {
      keyring: createKeyring({ current, previous, root }, options),
      toStore: [sealVersion(current.version, current.secret, root)],
    }
  }

  if (currentRow !== highest) {
    throw new ConfigError('BYOK_MASTER_KEY does not open this database: it is a retired key of it')
  }
  const current = { version: currentRow.version, secret: secrets.current }
  const root = rootOf(currentRow, secrets.current)
  if (previousSecret === undefined) return { keyring: createKeyring({ current, root }, options), toStore: [] }
  if (previous === undefined || previousRow === undefined) {
    throw new ConfigError(
      'BYOK_MASTER_KEY_PREVIOUS does not open this database: correct it, or remove it after a rekey',
    )
  }
  if (!timingSafeEqual(root, rootOf(previousRow, previous.secret))) {
    throw new ConfigError('Two key versions of this database hold different roots')
  }
  return { keyring: createKeyring({ current, previous, root }, options), toStore: [] }
}
