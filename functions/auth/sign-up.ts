import * as z from 'zod'
import { accountIndex } from '../../core/accounts/account-index.ts'
import { emailAddress } from '../../core/accounts/email-address.ts'
import { enrolAccount } from '../../core/accounts/enrol-account.ts'
import { type Account, findAccount } from '../../core/accounts/find-account.ts'
import { wasSignedIn } from '../../core/accounts/known-devices.ts'
import { hashPassword } from '../../core/crypto/passwords.ts'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import { throttle } from '../../core/http/rate-limit.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import { accountExists } from '../../core/mail/messages/account-exists.ts'
import type { Platform } from '../../core/platform.ts'
import { startSession } from '../../core/session/start-session.ts'
import { deviceLabel } from './device-label.ts'
import { passwordField } from './fields.ts'
import type { Later } from './later.ts'
import { byAccount, byAddress } from './limits.ts'
import { refuseWeakPassword } from './refuse-weak-password.ts'
import { mailLink } from './send-mail.ts'

/**
 * With a mail server the answer is the same for every address, and so is the work before it: one hash, one write. Only
 * the mail that follows knows whether there is an account. Without one, an address that has an account is answered
 * CONFLICT: there is no other place to tell its owner. See infra/adr/0003-sign-up-without-an-oracle.md.
 */
export function signUp(platform: Platform, mailer: Mailer, later: Later): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/sign-up',
    access: 'public',
    summary: 'Open an account',
    limit: byAddress.mail,
    schema: {
      body: z.strictObject({ email: emailAddress, password: passwordField }),
      response: {
        201: z.object({ status: z.literal('signed_in') }),
        202: z.object({ status: z.literal('verification_sent') }),
      },
    },
    async handle({ id, headers, body, cookie }, reply) {
      const { email, password } = body
      refuseWeakPassword(password, email)
      await throttle(platform, byAccount.mail, accountIndex(platform, email))
      const passwordHash = await hashPassword(password)
      if (mailer.configured) {
        const send = await enrolOrRemind(platform, mailer, { email, passwordHash }, id)
        later('mail after a sign-up', send)
        return reply(202, { status: 'verification_sent' })
      }
      const scope = await enrolAccount(platform, { email, passwordHash, emailVerifiedAt: null }, id)
      const device = deviceLabel(headers['user-agent'])
      await startSession(platform, scope, cookie, { method: 'sign_up', epoch: 0, device })
      return reply(201, { status: 'signed_in' })
    },
  })
}

/** Writes once, whatever is found; answers what there is to mail. */
async function enrolOrRemind(
  platform: Platform,
  mailer: Mailer,
  { email, passwordHash }: { readonly email: string; readonly passwordHash: string },
  requestId: string,
): Promise<() => Promise<void>> {
  const account = await findAccount(platform, email, requestId)
  if (account !== undefined) return remind(platform, mailer, { account, email, passwordHash })
  try {
    const scope = await enrolAccount(platform, { email, passwordHash, emailVerifiedAt: null }, requestId)
    return () => mailLink(platform, mailer, scope, 'verify_email')
  } catch (error) {
    // Another request with this address was faster: its mail is on the way.
    if (error instanceof OortError && error.code === 'CONFLICT') return async () => {}
    throw error
  }
}

/**
 * An account that was neither verified nor signed in to is nobody's yet: it takes the newer password. One from the time
 * before there was a mail server has an owner. A new link goes out to both.
 */
async function remind(
  platform: Platform,
  mailer: Mailer,
  {
    account,
    email,
    passwordHash,
  }: { readonly account: Account; readonly email: string; readonly passwordHash: string },
): Promise<() => Promise<void>> {
  const { unproven } = account
  const verified = await unproven.write(async (tx) => {
    const known = (await tx.profile()).emailVerifiedAt !== null
    const owned = known || (await wasSignedIn(tx))
    await tx.updateProfile(owned ? {} : { passwordHash }, { type: 'user.sign_up_repeated' })
    return known
  })
  if (!verified) return () => mailLink(platform, mailer, unproven, 'verify_email')
  return () => mailer.send(email, accountExists(platform.config.publicUrl))
}
