import { accountIndex } from '../../core/accounts/account-index.ts'
import { type Account, findAccount } from '../../core/accounts/find-account.ts'
import type { LinkPurpose } from '../../core/accounts/mail-link.ts'
import { throttle } from '../../core/http/rate-limit.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import type { Later } from './later.ts'
import { byAccount } from './limits.ts'
import { mailLink } from './send-mail.ts'

/**
 * Has a link mailed to the owner of an address, if there is an account and `wanted` agrees. All but the counting is
 * done after the answer, so that neither body nor time of the answer tells whether there is one. Without a mail server
 * nothing is sent, and the log says so. Throws RATE_LIMITED.
 */
export async function requestLink(
  { platform, mailer, later }: { readonly platform: Platform; readonly mailer: Mailer; readonly later: Later },
  { email, purpose, requestId }: { readonly email: string; readonly purpose: LinkPurpose; readonly requestId: string },
  wanted: (account: Account) => boolean,
): Promise<void> {
  await throttle(platform, byAccount.mail, accountIndex(platform, email))
  if (!mailer.configured) {
    platform.log.warn({ requestId, purpose }, 'a link was asked for, and SMTP_URL is not set: none was sent')
    return
  }
  later('mail a link', async () => {
    const account = await findAccount(platform, email, requestId)
    if (account !== undefined && wanted(account)) await mailLink(platform, mailer, account.unproven, purpose)
  })
}
