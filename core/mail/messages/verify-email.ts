import type { Message } from '../mailer.ts'

/** Goes to an address that somebody signed up with. The link alone opens nothing: the password is asked for too. */
export function verifyEmail(link: string): Message {
  return {
    subject: 'Confirm your e-mail address',
    text: `Somebody, you we hope, signed up for Oort with this address.

To confirm it, open this link within a day and enter the password that you chose:

${link}

If it was not you, do nothing: without the link and the password there is no account.
`,
  }
}
