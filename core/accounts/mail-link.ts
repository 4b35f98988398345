import { and, eq, gt } from 'drizzle-orm'
import { day, hour } from '../clock.ts'
import { hashToken, randomLinkToken } from '../crypto/tokens.ts'
import { OortError } from '../errors.ts'
import type { Id } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import type { UserTransaction } from '../scope/user-scope.ts'
import { mailTokens, users } from '../store/schema.ts'
import { type Account, accountColumns, accountOf } from './find-account.ts'

export type LinkPurpose = 'verify_email' | 'reset_password'

const lifetimes = { verify_email: day, reset_password: hour } as const

/** More than a person can have: each new link withdraws the ones before it. */
const allLinks = 100

/**
 * Makes the token of a link for the account of the transaction, and withdraws earlier links of the same purpose.
 * The token is in nobody's hands but the caller's: only its hash is kept.
 */
export async function issueLink(tx: UserTransaction, purpose: LinkPurpose, now: number): Promise<string> {
  const earlier = await tx.list(mailTokens, { where: { purpose }, limit: allLinks })
  for (const { id } of earlier) await tx.delete(mailTokens, id, { type: 'mail_token.withdrawn' })
  const { token, hash } = randomLinkToken()
  const row = { purpose, hash, expiresAt: now + lifetimes[purpose] }
  await tx.insert(mailTokens, row, { type: 'mail_token.issued', purpose })
  return token
}

/** The account that a link was made for. Throws LINK_INVALID for one that is unknown, used, expired or of another purpose. */
export async function findLink(
  platform: Platform,
  link: { readonly token: string; readonly purpose: LinkPurpose },
  requestId: string,
): Promise<{ readonly linkId: Id<'mailToken'>; readonly account: Account }> {
  const { store } = insideOf(platform)
  const [row] = await store.read
    .select({ linkId: mailTokens.id, ...accountColumns })
    .from(mailTokens)
    .innerJoin(users, eq(users.id, mailTokens.userId))
    .where(
      and(
        eq(mailTokens.hash, hashToken(link.token)),
        eq(mailTokens.purpose, link.purpose),
        gt(mailTokens.expiresAt, platform.clock()),
      ),
    )
  if (row === undefined) throw new OortError('LINK_INVALID')
  const { linkId, ...facts } = row
  return { linkId, account: accountOf(platform, facts, requestId) }
}

/**
 * Uses a link up, and withdraws every other link of the account. Of two requests with one link the second finds it
 * gone: LINK_INVALID.
 */
export async function useLink(tx: UserTransaction, linkId: Id<'mailToken'>, purpose: LinkPurpose): Promise<void> {
  const links = await tx.list(mailTokens, { limit: allLinks })
  if (!links.some(({ id }) => id === linkId)) throw new OortError('LINK_INVALID')
  for (const { id } of links) {
    const used = id === linkId
    await tx.delete(mailTokens, id, used ? { type: 'mail_token.used', purpose } : { type: 'mail_token.withdrawn' })
  }
}
