import { issueLink, type LinkPurpose } from '../../core/accounts/mail-link.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import { resetPassword } from '../../core/mail/messages/reset-password.ts'
import { type SecurityChange, securityNotice } from '../../core/mail/messages/security-notice.ts'
import { verifyEmail } from '../../core/mail/messages/verify-email.ts'
import type { Platform } from '../../core/platform.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'

const links = {
  verify_email: { path: '/verify-email', message: verifyEmail },
  reset_password: { path: '/reset-password', message: resetPassword },
} as const

/**
 * Mails a fresh link to the account's owner. The token stands in the fragment, which browsers send to nobody: it is in
 * no log and no Referer. Throws MAIL_UNAVAILABLE.
 */
export async function mailLink(
  platform: Platform,
  mailer: Mailer,
  scope: UserScope,
  purpose: LinkPurpose,
): Promise<void> {
  const { token, email } = await scope.write(async (tx) => ({
    token: await issueLink(tx, purpose, platform.clock()),
    email: (await tx.profile()).email,
  }))
  const { path, message } = links[purpose]
  await mailer.send(email, message(`${platform.config.publicUrl}${path}#token=${token}`))
}

/** Tells the owner of a change, where there is a mail server. */
export async function mailNotice(
  platform: Platform,
  mailer: Mailer,
  scope: UserScope,
  change: SecurityChange,
): Promise<void> {
  if (!mailer.configured) return
  const { email } = await scope.profile()
  await mailer.send(email, securityNotice(change, platform.config.publicUrl))
}
