import * as z from 'zod'
import { accountIndex } from '../../core/accounts/account-index.ts'
import { emailAddress } from '../../core/accounts/email-address.ts'
import { findAccount } from '../../core/accounts/find-account.ts'
import { verifyAgainstNobody, verifyPassword } from '../../core/crypto/passwords.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { throttle } from '../../core/http/rate-limit.ts'
import type { Platform } from '../../core/platform.ts'
import { startSession } from '../../core/session/start-session.ts'
import { deviceLabel } from './device-label.ts'

const triesForEachAccount = { name: 'sign-in account', calls: 10, perSeconds: 15 * 60 } as const

export function signIn(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/sign-in',
    access: 'public',
    summary: 'Sign in with e-mail address and password',
    limit: { calls: 60, perSeconds: 60 },
    schema: {
      body: z.strictObject({ email: emailAddress, password: z.string().min(1).max(1_024) }),
      response: { 200: z.object({ status: z.literal('signed_in') }) },
    },
    async handle({ id, headers, body, cookie }, reply) {
      await throttle(platform, triesForEachAccount, accountIndex(platform, body.email))
      const account = await findAccount(platform, body.email, id)
      if (account === undefined) {
        await verifyAgainstNobody(body.password)
        throw new OortError('CREDENTIALS_REFUSED')
      }
      if (!(await verifyPassword(account.passwordHash, body.password)) || !account.emailVerified) {
        throw new OortError('CREDENTIALS_REFUSED')
      }
      if (account.status !== 'active') throw new OortError('ACCOUNT_SUSPENDED')
      await startSession(platform, account.scope, cookie, {
        method: 'password',
        device: deviceLabel(headers['user-agent']),
      })
      return reply(200, { status: 'signed_in' })
    },
  })
}
