import { randomBytes, timingSafeEqual } from 'node:crypto'
import { ConfigError } from '../config.ts'
import { OortError } from '../errors.ts'
import { contextOf } from './context-of.ts'
import { createKeyring, type Keyring, type KeyringOptions } from './keyring.ts'
import type { Sealed } from './sealed.ts'

/** What the database keeps of one version of the master key. */
export interface StoredKeyVersion {
  readonly version: number
  /** A known text, sealed under this version: whichever secret opens it is the secret of this version. */
  readonly canary: Sealed
  /** The root (see KeyringParts), sealed under this version. Null once the version is retired: it opens nothing more. */
  readonly root: Sealed | null
}

/** A version that is yet to be stored. */
export interface NewKeyVersion extends StoredKeyVersion {
  readonly root: Sealed
}

const canaryText = 'oort: this master key opens this database'

function placeOf(version: number, column: 'canary' | 'root') {
  return contextOf('key_versions', column, { id: String(version) })
}

/** A keyring of one version that knows no root yet: enough to open or seal a canary and a root. */
function bareKeyring(version: number, secret: string): Keyring {
  return createKeyring({ current: { version, secret }, root: new Uint8Array(32) })
}

/** Whether a secret is the one of this version, retired or not. */
export function opensVersion(
  secret: string,
  { version, canary }: Pick<StoredKeyVersion, 'version' | 'canary'>,
): boolean {
  try {
    return bareKeyring(version, secret).openText(canary, placeOf(version, 'canary')) === canaryText
  } catch {
    return false
  }
}

function rootOf({ version, root }: StoredKeyVersion, secret: string): Buffer {
  if (root === null) throw new OortError('DECRYPTION_FAILED')
  return bareKeyring(version, secret).open(root, placeOf(version, 'root'))
}

function sealVersion(version: number, secret: string, root: Buffer): NewKeyVersion {
  const keyring = bareKeyring(version, secret)
  return {
    version,
    canary: keyring.seal(canaryText, placeOf(version, 'canary')),
    root: keyring.seal(root, placeOf(version, 'root')),
  }
}

/**
 * Finds out which version each configured secret is, from what the database keeps of its versions, and returns the
 * keyring together with the versions that the caller has to store before it seals anything.
 *
 * - Nothing stored: the secret becomes version 1, with a fresh root. Call it so for an empty database only: a new root
 *   strands the indexes of an old one.
 * - `current` opens the highest version: an ordinary start. `previous`, if given, must open a lower one; one that is
 *   retired is recognised, and left out of the keyring.
 * - `previous` opens the highest version and `current` none: a rotation. `current` becomes the next version.
 *
 * Anything else is a ConfigError, so that a wrong key stops the start and not the first use (K6). So is a version that
 * is not retired and that neither secret opens: values may be sealed under it still. A root that was
 * tampered with is DECRYPTION_FAILED. Pure: reads and writes nothing.
 */
export function unlockKeyring(
  secrets: { readonly current: string; readonly previous?: string | undefined },
  stored: readonly StoredKeyVersion[],
  options: KeyringOptions = {},
): { readonly keyring: Keyring; readonly toStore: readonly NewKeyVersion[] } {
  const newestFirst = stored.toSorted((a, b) => b.version - a.version)
  const [highest] = newestFirst
  if (highest === undefined) {
    const root = randomBytes(32)
    const current = { version: 1, secret: secrets.current }
    return { keyring: createKeyring({ current, root }, options), toStore: [sealVersion(1, secrets.current, root)] }
  }

  const previousSecret = secrets.previous === secrets.current ? undefined : secrets.previous
  const currentRow = newestFirst.find((row) => opensVersion(secrets.current, row))
  const previousRow =
    previousSecret === undefined ? undefined : newestFirst.find((row) => opensVersion(previousSecret, row))
  const previous =
    previousSecret === undefined || previousRow === undefined
      ? undefined
      : { version: previousRow.version, secret: previousSecret }

  if (currentRow === undefined) {
    if (previous === undefined || previousRow !== highest) {
      throw new ConfigError('BYOK_MASTER_KEY does not open this database')
    }
    demandNoOther(stored, [highest.version])
    const root = rootOf(highest, previous.secret)
    const current = { version: highest.version + 1, secret: secrets.current }
    return {
      keyring: createKeyring({ current, previous, root }, options),
      toStore: [sealVersion(current.version, current.secret, root)],
    }
  }

  if (currentRow !== highest) {
    throw new ConfigError(
      currentRow.root === null
        ? 'BYOK_MASTER_KEY does not open this database: it is a retired key of it'
        : `A rotation to version ${highest.version} was begun: set its key as BYOK_MASTER_KEY and this one as BYOK_MASTER_KEY_PREVIOUS. If that key is lost: \`oort keys abandon\``,
    )
  }
  const current = { version: currentRow.version, secret: secrets.current }
  const root = rootOf(currentRow, secrets.current)
  if (previousSecret !== undefined && previousRow === undefined) {
    throw new ConfigError('BYOK_MASTER_KEY_PREVIOUS does not open this database: correct it, or remove it')
  }
  if (previous === undefined || previousRow === undefined || previousRow.root === null) {
    demandNoOther(stored, [current.version])
    return { keyring: createKeyring({ current, root }, options), toStore: [] }
  }
  demandNoOther(stored, [current.version, previous.version])
  if (!timingSafeEqual(root, rootOf(previousRow, previous.secret))) {
    throw new ConfigError('Two key versions of this database hold different roots')
  }
  return { keyring: createKeyring({ current, previous, root }, options), toStore: [] }
}

/** Values that no key opens must stop the start, whoever left them behind. */
function demandNoOther(stored: readonly StoredKeyVersion[], known: readonly number[]): void {
  const other = stored.find(({ version, root }) => root !== null && !known.includes(version))
  if (other === undefined) return
  throw new ConfigError(
    `Values may still be sealed under version ${other.version} of the master key: give it as BYOK_MASTER_KEY_PREVIOUS until \`oort keys rekey\` is done`,
  )
}
