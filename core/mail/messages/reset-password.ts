import type { Message } from '../mailer.ts'

export function resetPassword(link: string): Message {
  return {
    subject: 'Reset your password',
    text: `Somebody, you we hope, asked to reset the password of the Oort account with this address.

To choose a new one, open this link within an hour. It works once, and signs out every device:

${link}

If it was not you, do nothing: your password stays as it is.
`,
  }
}
