import { Secret, TOTP } from 'otpauth'
import { type Account, findAccount } from '../../../core/accounts/find-account.ts'
import type { Clock } from '../../../core/clock.ts'
import { insideOf } from '../../../core/platform.ts'
import { type AdminScope, createAdminScope } from '../../../core/scope/admin-scope.ts'
import type { Browser, ReadAnswer } from '../../support/browser.ts'
import { type MailServer, startMailServer } from '../../support/mail-server.ts'
import { password, startOort, type TestOort } from '../../support/oort.ts'

export interface AuthLab {
  readonly oort: TestOort
  readonly mail: MailServer
  /** Moves the clock forwards. */
  pass(milliseconds: number): void
  /** Answers when what follows an answer is done: mail, notes of refusals. */
  settled(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** An Oort with a mail server and a clock of its own. */
export async function openLab({ smtp = true }: { readonly smtp?: boolean } = {}): Promise<AuthLab> {
  const mail = await startMailServer()
  let moved = 0
  const clock: Clock = () => Date.now() + moved
  const oort = await startOort({ clock, env: smtp ? { SMTP_URL: mail.url } : {} })
  return {
    oort,
    mail,
    pass(milliseconds) {
      moved += milliseconds
    },
    async settled() {
      await oort.capabilities.find(({ name }) => name === 'auth')?.stop?.()
    },
    async [Symbol.asyncDispose]() {
      await oort.close()
      await mail.close()
    },
  }
}

let people = 0

/** An address that nobody had before. */
export function freshEmail(): string {
  people += 1
  return `person-${people}@example.com`
}

/** A header that makes a request come from an address of its own. */
export function freshAddress(): Record<string, string> {
  people += 1
  return { 'x-forwarded-for': `10.1.${people >> 8}.${people & 255}` }
}

/** All that was mailed to an address, in one text. */
export async function mailTo(lab: AuthLab, address: string): Promise<string> {
  await lab.settled()
  const received = lab.mail.messages.filter(({ to }) => to.includes(address))
  return received.map(({ text }) => text).join('\n')
}

export function codeOf(answer: ReadAnswer): string {
  return `${answer.status} ${String(answer.json<{ code?: string }>().code ?? '')}`.trim()
}

/** What the audit log says happened, oldest first. */
export async function actionsOf(browser: Browser): Promise<string[]> {
  const { entries } = (await browser.get('/api/auth/audit?limit=100')).json<{ entries: { action: string }[] }>()
  return entries.map(({ action }) => action).reverse()
}

export function totpCode(secret: string, at: number): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at })
}

/** Sets up a second factor, whose first code is then used. */
export async function addTotp(lab: AuthLab, browser: Browser): Promise<string> {
  const added = await browser.post('/api/auth/second-factor', { password })
  const { secret } = added.json<{ secret: string }>()
  const code = totpCode(secret, lab.oort.platform.clock())
  const confirmed = await browser.post('/api/auth/second-factor/confirm', { code })
  if (confirmed.status !== 200) throw new Error(`confirming answered ${confirmed.status}: ${confirmed.text}`)
  return secret
}

export async function accountOf({ oort }: AuthLab, email: string): Promise<Account> {
  const account = await findAccount(oort.platform, email, 'req_test')
  if (account === undefined) throw new Error('there is no such account')
  return account
}

/** The door of a new administrator. */
export async function administrator(lab: AuthLab): Promise<AdminScope> {
  const { scope, userId } = await accountOf(lab, (await lab.oort.signedIn()).email)
  const promoted = { type: 'user.role_changed', role: 'admin', reason: 'test' } as const
  await scope.write((tx) => tx.updateProfile({ role: 'admin' }, promoted))
  return createAdminScope(insideOf(lab.oort.platform), userId, 'req_test')
}
