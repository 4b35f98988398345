import { asc, eq } from 'drizzle-orm'
import { houseSubject } from '../../../core/audit/events.ts'
import { verifyChains } from '../../../core/audit/verify-chain.ts'
import { newIncident, newUpdate } from '../../../core/incidents/notices.ts'
import { insideOf, type Platform } from '../../../core/platform.ts'
import { createAdminScope } from '../../../core/scope/admin-scope.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { auditEvents } from '../../../core/store/schema.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

/** A house whose time the test moves. */
export interface Lab extends SmallHouse {
  now(): number
  /** Milliseconds. */
  pass(duration: number): void
}

export async function openLab(env: object = {}, start = Date.UTC(2026, 10, 24, 12)): Promise<Lab> {
  let now = start
  const house = await openHouse({ env, clock: () => now })
  return {
    ...house,
    now: () => now,
    pass(duration) {
      now += duration
    },
  }
}

export const opening = newIncident.parse({
  severity: 'SEV2',
  title: 'Runs with OpenAI fail',
  components: ['openai'],
  text: 'Runs with OpenAI have been failing for some minutes.',
})

export const update = (given: object) => newUpdate.parse({ state: 'identified', text: 'We know why.', ...given })

export async function adminIn(platform: Platform, user: UserScope) {
  await user.write((tx) =>
    tx.updateProfile({ role: 'admin' }, { type: 'user.role_changed', role: 'admin', reason: 'test' }),
  )
  return { admin: await createAdminScope(insideOf(platform), user.userId, 'req_admin'), requestId: 'req_admin' }
}

/** The house's own audit chain, oldest first. Throws where any chain of the database is broken. */
export async function houseChain(platform: Platform) {
  const { store, keyring } = insideOf(platform)
  const verdict = await verifyChains(store.read, keyring)
  if (!verdict.intact) throw new Error('the audit log is broken')
  const rows = await store.read
    .select()
    .from(auditEvents)
    .where(eq(auditEvents.subjectId, houseSubject))
    .orderBy(asc(auditEvents.seq))
  return rows.map(({ action, targetId, detail, actorKind, actorId, requestId }) => {
    return { action, targetId, detail: JSON.parse(detail) as object, actorKind, actorId, requestId }
  })
}
