import { appendEvent } from '../audit/append-event.ts'
import { type Actor, type AuditEvents, houseSubject } from '../audit/events.ts'
import type { Id } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import type { AdminScope } from '../scope/admin-scope.ts'
import { consoleActor } from '../scope/console-scope.ts'
import type { Db } from '../store/store.ts'

/**
 * Who may write about incidents: an administrator, whose role is read once more within the transaction, or whoever
 * holds the machine's console.
 */
export type Authority = { readonly admin: AdminScope; readonly requestId: string } | 'console'

/** One transaction on the incidents. Each change in it names the event that the house's own audit chain keeps. */
export interface IncidentWriting {
  readonly db: Db
  readonly now: number
  note(id: Id<'incident'>, event: AuditEvents['incidents']): Promise<void>
}

/** Runs a unit of work on the incidents; answers when it is on disk. Throws FORBIDDEN for a role that is gone. */
export function writeIncidents<T>(
  platform: Platform,
  authority: Authority,
  unit: (writing: IncidentWriting) => Promise<T>,
): Promise<T> {
  const { store, keyring, clock } = insideOf(platform)
  return store.write(async (db) => {
    if (authority !== 'console') await authority.admin.demandRight(db)
    const [actor, now] = [actorOf(authority), clock()]
    return await unit({
      db,
      now,
      async note(id, event) {
        const target = { kind: 'incidents', id }
        await appendEvent(db, keyring, { subjectId: houseSubject, actor, event, target, ts: now })
      },
    })
  })
}

function actorOf(authority: Authority): Actor {
  if (authority === 'console') return consoleActor()
  return { kind: 'admin', id: authority.admin.adminId, requestId: authority.requestId }
}
