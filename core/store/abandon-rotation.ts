import { hostname } from 'node:os'
import { eq } from 'drizzle-orm'
import { appendEvent } from '../audit/append-event.ts'
import { type Actor, houseSubject } from '../audit/events.ts'
import { opensVersion, unlockKeyring } from '../crypto/unlock-keyring.ts'
import { OortError } from '../errors.ts'
import { newId } from '../ids.ts'
import { countByVersion } from './count-by-version.ts'
import { listInstances } from './instances.ts'
import { storedVersions } from './key-versions.ts'
import { keyVersions } from './schema.ts'
import type { Store } from './store.ts'

/** The rotation that was taken back, and the version that is current again. */
export interface Abandoned {
  readonly version: number
  readonly current: number
}

/**
 * Takes back a rotation that was begun and under which nothing is sealed yet, for whoever lost the new key: the newest
 * version goes, the one before it is current again. `secret` is the master key of that one.
 *
 * Throws CONFLICT when `secret` is not the key before the newest, while any process works on this database (it may seal
 * under the new key at any moment), and when something is sealed under the new key.
 */
export async function abandonRotation(store: Store, secret: string, actor: Actor, now: number): Promise<Abandoned> {
  const self = { id: newId('instance'), host: hostname(), pid: process.pid }
  const working = (await listInstances(store, self, now)).filter(({ dead }) => !dead)
  if (working.length > 0) throw new OortError('CONFLICT', { detail: 'Stop every process of this Oort first.' })
  const [newest] = (await storedVersions(store.read)).toReversed()
  const sealed = (await countByVersion(store.read)).some((each) => each.version === newest?.version)
  if (sealed) {
    throw new OortError('CONFLICT', {
      detail: `Values are sealed under version ${newest?.version}: its key is needed.`,
    })
  }
  return await store.write(async (db) => {
    const [last, before, ...rest] = (await storedVersions(db)).toReversed()
    if (
      last === undefined ||
      last.version !== newest?.version ||
      before === undefined ||
      !opensVersion(secret, before)
    ) {
      throw new OortError('CONFLICT', { detail: 'BYOK_MASTER_KEY is not the key before the newest one.' })
    }
    await db.delete(keyVersions).where(eq(keyVersions.version, last.version))
    const { keyring } = unlockKeyring({ current: secret }, [before, ...rest])
    await appendEvent(db, keyring, {
      subjectId: houseSubject,
      actor,
      event: { type: 'key_version.abandoned' },
      target: { kind: 'key_versions', id: String(last.version) },
      ts: now,
    })
    return { version: last.version, current: before.version }
  })
}
