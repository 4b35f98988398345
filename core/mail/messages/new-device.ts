import type { Message } from '../mailer.ts'

/** Tells an owner of a sign-in from a browser that the account was not used from before. Source: OWASP ASVS 5, 6.3.5. */
export function newDevice(
  { device, at }: { readonly device: string; readonly at: number },
  publicUrl: string,
): Message {
  const time = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return {
    subject: 'A sign-in from a new browser',
    text: `Somebody, you we hope, signed in to your Oort account from a browser that it was not used from before:

${device}, ${time}

If it was you, do nothing. If it was not, sign in at once, remove every passkey that you do not know, and change your
password, which signs out every other browser:

${publicUrl}
`,
  }
}
