import type { Keyring } from '../crypto/keyring.ts'
import { unlockKeyring } from '../crypto/unlock-keyring.ts'
import { storedVersions } from './key-versions.ts'
import { keyVersions } from './schema.ts'
import { packSealed } from './sealed-row.ts'
import type { Store } from './store.ts'

export interface UnlockedStore {
  readonly keyring: Keyring
  /** When the newest version that it knows was made, in milliseconds UTC: nobody who knows it has looked before. */
  readonly knownSince: number
}

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
): Promise<UnlockedStore> {
  const stored = await storedVersions(store.read)
  const { keyring, toStore } = unlockKeyring(secrets, stored)
  if (toStore.length === 0) return { keyring, knownSince: newest(keyring, stored) }
  // Looked at again under the write lock: of two processes that start at once, one makes the version and both use it.
  return store.write(async (db) => {
    const stored = await storedVersions(db)
    const { keyring, toStore } = unlockKeyring(secrets, stored)
    for (const { version, canary, root } of toStore) {
      const row = { version, ...packSealed('canary', canary), ...packSealed('root', root), createdAt: now }
      await db.insert(keyVersions).values(row)
    }
    return {
      keyring,
      knownSince: newest(keyring, [...stored, ...toStore.map((each) => ({ ...each, createdAt: now }))]),
    }
  })
}

function newest(
  { versions }: Keyring,
  stored: readonly { readonly version: number; readonly createdAt: number }[],
): number {
  const known = stored.filter(({ version }) => versions.includes(version))
  return Math.max(...known.map(({ createdAt }) => createdAt))
}
