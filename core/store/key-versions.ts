import { asc, eq } from 'drizzle-orm'
import { ConfigError } from '../config.ts'
import type { StoredKeyVersion } from '../crypto/unlock-keyring.ts'
import { auditEvents, keyVersions } from './schema.ts'
import { unpackSealed } from './sealed-row.ts'
import type { Db } from './store.ts'

/** The versions of the master key that this database has had, oldest first. */
export async function storedVersions(db: Db): Promise<(StoredKeyVersion & { readonly createdAt: number })[]> {
  const rows = await db.select().from(keyVersions).orderBy(asc(keyVersions.version))
  if (rows.length === 0) {
    const [event] = await db.select({ seq: auditEvents.seq }).from(auditEvents).limit(1)
    // A new root would strand every index, MAC and signature that the old one made.
    if (event !== undefined) throw new ConfigError('This database is in use but has lost its key versions')
  }
  return rows.map((row) => {
    const root = unpackSealed(row, 'root')
    return {
      version: row.version,
      canary: unpackSealed(row, 'canary'),
      root: root.ciphertext.length === 0 ? null : root,
      createdAt: row.createdAt,
    }
  })
}

/**
 * Retires a version under which nothing is sealed any more. Its root goes, for whoever comes by the old master key could
 * open it in a copy of the database; its canary stays, by which the old key is recognised and refused.
 */
export async function retireVersion(db: Db, version: number): Promise<void> {
  const nothing = Buffer.alloc(0)
  await db
    .update(keyVersions)
    .set({ rootIv: nothing, rootTag: nothing, rootCiphertext: nothing })
    .where(eq(keyVersions.version, version))
}
