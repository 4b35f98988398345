import type { Keyring } from '../crypto/keyring.ts'
import { unlockKeyring } from '../crypto/unlock-keyring.ts'
import { storedVersions } from './key-versions.ts'
import { keyVersions } from './schema.ts'
import { packSealed } from './sealed-row.ts'
import type { Store } from './store.ts'

/**
 * Opens the keyring that belongs to this database: the master key is tried on the stored canary, so that a wrong
 * one stops the start instead of the first use. A fresh database gets version 1; a new master key whose predecessor
 * is given as `previous` gets the next version.
 * Throws ConfigError when neither key opens the database, or when a database that is in use has lost its versions.
 */
export async function unlockStore(
  store: Store,
  secrets: { readonly current: string; readonly previous?: string },
  now: number,
): Promise<Keyring> {
  const found = unlockKeyring(secrets, await storedVersions(store.read))
  if (found.toStore.length === 0) return found.keyring
  // Looked at again under the write lock: of two processes that start at once, one makes the version and both use it.
  return store.write(async (db) => {
    const { keyring, toStore } = unlockKeyring(secrets, await storedVersions(db))
    for (const { version, canary, root } of toStore) {
      const row = { version, ...packSealed('canary', canary), ...packSealed('root', root), createdAt: now }
      await db.insert(keyVersions).values(row)
    }
    return keyring
  })
}
