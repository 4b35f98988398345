import { eq, or } from 'drizzle-orm'
import { emailIndexPurpose } from '../accounts/email-address.ts'
import type { Actor } from '../audit/events.ts'
import { OortError } from '../errors.ts'
import { newId, type UserId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { type AuditRow, auditPages } from '../store/audit-rows.ts'
import { users } from '../store/schema.ts'
import { type AccountFacts, readFacts } from './admin-scope.ts'
import { type AccountChanges, accountChanges } from './change-account.ts'

/** Whoever has the machine's console: what is done there stands in the audit log as the system's own doing. */
export function consoleActor(): Actor {
  return { kind: 'system', id: 'console', requestId: newId('request') }
}

/**
 * The door for the command line, whose user holds the database and its keys anyway and needs no account. It shows
 * nothing that a user wrote, and no address either.
 */
export interface ConsoleScope extends AccountChanges {
  /** The account with this id or this (normalised) e-mail address. Throws NOT_FOUND. */
  account(idOrEmail: string): Promise<AccountFacts>
  /**
   * The audit chain of an account, oldest entry first; that of one that was deleted by its id, that of the house by the
   * name `house`. Throws NOT_FOUND when there is none.
   */
  chain(idOrEmail: string): AsyncGenerator<AuditRow>
}

export function createConsoleScope(platform: Platform): ConsoleScope {
  const parts = insideOf(platform)
  const { store, keyring } = parts

  async function idOf(idOrEmail: string): Promise<UserId | undefined> {
    const emailIndex = keyring.blindIndex(emailIndexPurpose, idOrEmail)
    const named = or(eq(users.id, idOrEmail as UserId), eq(users.emailIndex, emailIndex))
    const [row] = await store.read.select({ id: users.id }).from(users).where(named)
    return row?.id
  }

  return {
    ...accountChanges(parts, consoleActor(), async () => undefined),
    async account(idOrEmail) {
      const userId = await idOf(idOrEmail)
      if (userId === undefined) throw new OortError('NOT_FOUND')
      return readFacts(store.read, userId)
    },
    async *chain(idOrEmail) {
      const subject = (await idOf(idOrEmail)) ?? (idOrEmail as UserId)
      let found = false
      for await (const page of auditPages(store.read, subject)) {
        found = true
        yield* page
      }
      if (!found) throw new OortError('NOT_FOUND')
    },
  }
}
