import { inArray } from 'drizzle-orm'
import { minute } from '../clock.ts'
import { hasCode } from '../has-code.ts'
import type { Id } from '../ids.ts'
import { instances } from './schema.ts'
import type { Store } from './store.ts'

/** Which process it is. */
export interface ProcessName {
  readonly id: Id<'instance'>
  readonly host: string
  readonly pid: number
}

/** A process that works on this database. */
export interface Instance extends ProcessName {
  /** Milliseconds UTC. What it knows of keys is from then. */
  readonly startedAt: number
}

const silence = minute

/** An instance that has not shown itself for a minute is dead, and so is what it had begun. */
export function isSilent({ heartbeatAt }: { readonly heartbeatAt: number }, now: number): boolean {
  return now - heartbeatAt >= silence
}

/** Says that the instance is alive, also to those who have forgotten it. */
export async function beat(store: Store, self: Instance, now: number): Promise<void> {
  await store.write(async (db) => {
    await db
      .insert(instances)
      .values({ ...self, heartbeatAt: now })
      .onConflictDoUpdate({ target: instances.id, set: { heartbeatAt: now } })
  })
}

/** Takes instances off the list: one that ends, or those found dead, once their runs are seen to. */
export async function forget(store: Store, ids: readonly Id<'instance'>[]): Promise<void> {
  if (ids.length === 0) return
  await store.write(async (db) => {
    await db.delete(instances).where(inArray(instances.id, [...ids]))
  })
}

/**
 * The instances, dead and alive. `silence` says whether one that was silent for a minute is dead by that: not to who
 * could not make itself heard a moment ago, since then nobody could.
 */
export async function listInstances(
  store: Pick<Store, 'read'>,
  self: ProcessName,
  now: number,
  silence: 'tells' | 'tells nothing' = 'tells',
): Promise<readonly (ProcessName & { readonly dead: boolean })[]> {
  const all = await store.read.select().from(instances)
  return all.map((instance) => {
    const { id, host, pid } = instance
    const silent = silence === 'tells' && isSilent(instance, now)
    const dead = id !== self.id && (silent || (host === self.host && isGone(pid, self.pid)))
    return { id, host, pid, dead }
  })
}

/** On our own host, a process that is no more. Another instance with our own pid was our predecessor in a container. */
function isGone(pid: number, ownPid: number): boolean {
  if (pid === ownPid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    // EPERM: it is there, and belongs to somebody else.
    return hasCode(error, 'ESRCH')
  }
}
