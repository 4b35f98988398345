import type { Message } from '../mailer.ts'

/** Goes to the owner of an account with whose address somebody signs up again. */
export function accountExists(publicUrl: string): Message {
  return {
    subject: 'You have an account already',
    text: `Somebody, you we hope, tried to sign up for Oort with this address. It has an account already, and nothing was
changed.

To sign in, or to reset a forgotten password, go to

${publicUrl}

If it was not you, do nothing: whoever it was has learnt nothing.
`,
  }
}
