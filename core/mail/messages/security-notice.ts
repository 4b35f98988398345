import type { Message } from '../mailer.ts'

const changes = {
  password_changed: 'The password of your Oort account was changed, and every other device was signed out.',
  password_reset: 'The password of your Oort account was reset by a mailed link, and every device was signed out.',
  second_factor_confirmed: 'A second factor was set up for your Oort account: signing in now takes a code too.',
  second_factor_removed: 'The second factor of your Oort account was removed: signing in takes the password alone.',
  recovery_code_used:
    'A recovery code of your Oort account was used in the place of a code from your authenticator app.',
  recovery_codes_made: 'New recovery codes were made for your Oort account, and the codes from before count no more.',
  passkey_added: 'A passkey was added to your Oort account: it signs in without password and code.',
  passkey_removed: 'A passkey of your Oort account was removed: it signs in no more.',
} as const

export type SecurityChange = keyof typeof changes

/** Tells an owner that how one signs in was changed. Source: OWASP ASVS 5, 6.3.7. */
export function securityNotice(change: SecurityChange, publicUrl: string): Message {
  return {
    subject: 'A change to how you sign in',
    text: `${changes[change]}

If it was not you, reset your password at once:

${publicUrl}
`,
  }
}
