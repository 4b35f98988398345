import type { Message } from '../mailer.ts'

/** A new password ends every session, and leaves passkeys and the second factor as they are. */
const reset = 'reset your password at once, and then remove every passkey that you do not know'

const changes = {
  password_changed: {
    what: 'The password of your Oort account was changed, and every other device was signed out.',
    otherwise: reset,
  },
  password_reset: {
    what: 'The password of your Oort account was reset by a mailed link, and every device was signed out.',
    otherwise: `somebody reads your mail: make that safe, ${reset}`,
  },
  second_factor_confirmed: {
    what: 'A second factor was set up for your Oort account: signing in now takes a code too.',
    otherwise:
      'reset your password at once, which signs every device out, theirs too. Nobody can take that second factor away for you: ask whoever runs this Oort to suspend the account',
  },
  second_factor_removed: {
    what: 'The second factor of your Oort account was removed: signing in takes the password alone.',
    otherwise: `${reset}, and set up a second factor anew`,
  },
  recovery_code_used: {
    what: 'A recovery code of your Oort account was used in the place of a code from your authenticator app.',
    otherwise: `${reset}, and make new recovery codes`,
  },
  recovery_codes_made: {
    what: 'New recovery codes were made for your Oort account, and the codes from before count no more.',
    otherwise: `${reset}, and make new recovery codes`,
  },
  passkey_added: {
    what: 'A passkey was added to your Oort account: it signs in without password and code.',
    otherwise:
      'sign in, remove that passkey under "Account", and change your password there: a passkey outlives a change of the password, also a reset',
  },
  passkey_removed: { what: 'A passkey of your Oort account was removed: it signs in no more.', otherwise: reset },
} as const

export type SecurityChange = keyof typeof changes

/** Tells an owner that how one signs in was changed, and what helps against it. Source: OWASP ASVS 5, 6.3.7. */
export function securityNotice(change: SecurityChange, publicUrl: string): Message {
  const { what, otherwise } = changes[change]
  return {
    subject: 'A change to how you sign in',
    text: `${what}

If it was not you, ${otherwise}:

${publicUrl}
`,
  }
}
