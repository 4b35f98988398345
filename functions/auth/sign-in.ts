import * as z from 'zod'
import { accountIndex } from '../../core/accounts/account-index.ts'
import { emailAddress } from '../../core/accounts/email-address.ts'
import { type Account, findAccount } from '../../core/accounts/find-account.ts'
import type { AuditEvents } from '../../core/audit/events.ts'
import { hashPassword, needsRehash, verifyAgainstNobody, verifyPassword } from '../../core/crypto/passwords.ts'
import { type ErrorCode, OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { callerOf, throttle } from '../../core/http/rate-limit.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { beginSession } from './begin-session.ts'
import { demandCode } from './demand-code.ts'
import { codeField, passwordField } from './fields.ts'
import type { Later } from './later.ts'
import { byAccount, byAddress } from './limits.ts'

type RefusalReason = Extract<AuditEvents['users'], { type: 'session.refused' }>['reason']

/**
 * An unknown address, a wrong password and an address that was never verified get one answer, at one time: each hashes
 * once, and what is noted of a refusal is noted after the answer. That an account is suspended or has a second factor
 * is told after the right password alone.
 */
export function signIn(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/sign-in',
    access: 'public',
    summary: 'Sign in with e-mail address, password and, where there is one, second factor',
    limit: byAddress.signIn,
    schema: {
      body: z.strictObject({ email: emailAddress, password: passwordField, code: codeField.optional() }),
      response: { 200: z.object({ status: z.literal('signed_in') }) },
    },
    async handle({ id, ip, headers, body, cookie }, reply) {
      const { email, password, code } = body
      const parts = { platform, mailer, later }
      const index = accountIndex(platform, email)
      await throttle(platform, byAccount.signInFromAddress, `${index} ${callerOf(ip)}`)
      await throttle(platform, byAccount.signIn, index)
      const account = await findAccount(platform, email, id)
      if (account === undefined) {
        await verifyAgainstNobody(password)
        throw new OortError('CREDENTIALS_REFUSED')
      }
      const refusal = (reason: RefusalReason, errorCode: ErrorCode): OortError => {
        later('note a refused sign-in', () =>
          account.unproven.write((tx) => tx.record({ type: 'session.refused', reason })),
        )
        return new OortError(errorCode)
      }
      if (!(await verifyPassword(account.passwordHash, password))) throw refusal('password', 'CREDENTIALS_REFUSED')
      if (mailer.configured && !account.emailVerified) throw refusal('unverified', 'CREDENTIALS_REFUSED')
      if (account.status === 'suspended') throw refusal('suspended', 'ACCOUNT_SUSPENDED')
      const method = await demandCode(parts, account.scope, code)
      await renewHash(account, password)
      await beginSession(parts, account.scope, { headers, cookie }, { method, epoch: account.epoch })
      return reply(200, { status: 'signed_in' })
    },
  })
}

/** Brings an old hash up to today's cost, unless the password was changed in the meantime. */
async function renewHash({ passwordHash: old, scope }: Account, password: string): Promise<void> {
  if (!needsRehash(old)) return
  const passwordHash = await hashPassword(password)
  await scope.write(async (tx) => {
    if ((await tx.passwordHash()) !== old) return
    await tx.updateProfile({ passwordHash }, { type: 'user.password_rehashed' })
  })
}
