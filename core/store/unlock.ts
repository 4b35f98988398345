import { asc } from 'drizzle-orm'
import type { Keyring } from '../crypto/keyring.ts'
import { unlockKeyring } from '../crypto/unlock-keyring.ts'
import { keyVersions } from './schema.ts'
import { packSealed, unpackSealed } from './sealed-row.ts'
import type { Store } from './store.ts'

/**
 * Opens the keyring that belongs to this database: the master key is tried on the stored canary, so that a wrong
 * one stops the start instead of the first use. A fresh database gets version 1; a new master key whose predecessor
 * is given as `previous` gets the next version.
 * Throws ConfigError when neither key opens the database.
 */
export async function unlockStore(
  store: Store,
  secrets: { readonly current: string; readonly previous?: string },
  now: number,
): Promise<Keyring> {
  const stored = await store.read.select().from(keyVersions).orderBy(asc(keyVersions.version))
  const { keyring, toStore } = unlockKeyring(
    secrets,
    stored.map((row) => ({
      version: row.version,
      canary: unpackSealed(row, 'canary'),
      root: unpackSealed(row, 'root'),
    })),
  )
  if (toStore.length > 0) {
    await store.write(async (db) => {
      for (const { version, canary, root } of toStore) {
        const row = { version, ...packSealed('canary', canary), ...packSealed('root', root), createdAt: now }
        await db.insert(keyVersions).values(row)
      }
    })
  }
  return keyring
}
