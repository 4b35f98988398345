import { asc } from 'drizzle-orm'
import { ConfigError } from '../config.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { type StoredKeyVersion, unlockKeyring } from '../crypto/unlock-keyring.ts'
import { auditEvents, keyVersions } from './schema.ts'
import { packSealed, unpackSealed } from './sealed-row.ts'
import type { Db, Store } from './store.ts'

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

async function storedVersions(db: Db): Promise<StoredKeyVersion[]> {
  const rows = await db.select().from(keyVersions).orderBy(asc(keyVersions.version))
  if (rows.length === 0) {
    const [event] = await db.select({ seq: auditEvents.seq }).from(auditEvents).limit(1)
    // A new root would strand every index, MAC and signature that the old one made.
    if (event !== undefined) throw new ConfigError('This database is in use but has lost its key versions')
  }
  return rows.map((row) => ({
    version: row.version,
    canary: unpackSealed(row, 'canary'),
    root: unpackSealed(row, 'root'),
  }))
}
