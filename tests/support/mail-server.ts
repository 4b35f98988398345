import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface ReceivedMail {
  readonly to: readonly string[]
  readonly from: string
  readonly headers: string
  readonly subject: string
  /** The decoded plain text. */
  readonly text: string
  /** Whether it came over TLS. */
  readonly secure: boolean
}

export interface MailServer {
  /** What SMTP_URL is set to. */
  readonly url: string
  readonly messages: readonly ReceivedMail[]
  /** The newest message to an address; throws when there is none. */
  newestTo(address: string): ReceivedMail
  close(): Promise<void>
}

/** A mail server on loopback that keeps what it is given. Speaks plain SMTP unless told otherwise. */
export async function startMailServer(
  options: SMTPServerOptions = { disabledCommands: ['STARTTLS'] },
): Promise<MailServer> {
  const messages: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onData(stream, session, done) {
      text(stream).then((raw) => {
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        messages.push({ ...parse(raw), from, to: rcptTo.map(({ address }) => address), secure: session.secure })
        done()
      }, done)
    },
    ...options,
  })
  // Clients that hang up in the middle are what some tests are about.
  server.on('error', () => {})
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return {
    url: `${options.secure ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    messages,
    newestTo(address) {
      const found = messages.findLast(({ to }) => to.includes(address))
      if (found === undefined) throw new Error(`there is no mail to ${address}`)
      return found
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The token of the link in a mail, and the path that it leads to. */
export function linkIn(mail: ReceivedMail): { readonly url: string; readonly token: string } {
  const url = /^https:\/\/\S+#token=\S+$/m.exec(mail.text)?.[0]
  if (url === undefined) throw new Error('the mail holds no link')
  return { url, token: new URL(url).hash.slice('#token='.length) }
}

function parse(raw: string): { readonly headers: string; readonly subject: string; readonly text: string } {
  const at = raw.indexOf('\r\n\r\n')
  const headers = raw.slice(0, at)
  const subject = /^Subject: (.*)$/m.exec(headers)?.[1]?.trim() ?? ''
  const quoted = raw
    .slice(at + 4)
    .replaceAll('=\r\n', '')
    .replaceAll('\r\n', '\n')
  const decoded = quoted.replace(/=([0-9A-F]{2})/g, (_match, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return { headers, subject, text: decoded }
}
