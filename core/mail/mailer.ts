import { createTransport } from 'nodemailer'
import { second } from '../clock.ts'
import { type Config, ConfigError } from '../config.ts'
import { OortError } from '../errors.ts'
import type { Log } from '../log.ts'

/** A message before it has a recipient. Plain text: nothing to render, nothing that loads from elsewhere. */
export interface Message {
  readonly subject: string
  readonly text: string
}

export interface Mailer {
  /** Whether there is a mail server. Without one nobody can prove an address: see infra/adr/0003. */
  readonly configured: boolean
  /** Answers when the mail server has taken the message. Throws MAIL_UNAVAILABLE. */
  send(address: string, message: Message): Promise<void>
  /** Answers when the mail server has taken our name and password, and sends nothing. Throws MAIL_UNAVAILABLE. */
  check(): Promise<void>
}

const submissionPorts = { tls: 465, startTls: 587 } as const

/**
 * Sends through `SMTP_URL`: `smtps://` speaks TLS from the first byte; `smtp://` must upgrade by STARTTLS in production
 * (RFC 8314), where a server that cannot is refused. Certificates are always checked: parameters of the URL that would
 * turn that off are not read. A server that is silent for `patienceMs` is given up. Neither address nor text is logged.
 * Throws ConfigError for a URL that is neither.
 */
export function createMailer(
  config: Pick<Config, 'environment' | 'mail'>,
  log: Log,
  patienceMs: number = 10 * second,
): Mailer {
  const { smtpUrl, from } = config.mail
  if (smtpUrl === undefined) {
    log.warn('SMTP_URL is not set: addresses are not verified and no link can be sent')
    return {
      configured: false,
      send: () => Promise.reject(new OortError('MAIL_UNAVAILABLE')),
      check: () => Promise.reject(new OortError('MAIL_UNAVAILABLE')),
    }
  }
  const transport = createTransport(
    {
      ...serverOf(smtpUrl, config.environment === 'production'),
      dnsTimeout: patienceMs,
      connectionTimeout: patienceMs,
      greetingTimeout: patienceMs,
      socketTimeout: patienceMs,
    },
    {
      from,
      headers: { 'Auto-Submitted': 'auto-generated' },
      textEncoding: 'quoted-printable',
      disableFileAccess: true,
      disableUrlAccess: true,
    },
  )
  return {
    configured: true,
    async send(address, message) {
      try {
        await transport.sendMail({ ...message, to: { name: '', address } })
      } catch (cause) {
        throw new OortError('MAIL_UNAVAILABLE', {}, cause)
      }
    },
    async check() {
      try {
        await transport.verify()
      } catch (cause) {
        throw new OortError('MAIL_UNAVAILABLE', {}, cause)
      }
    },
  }
}

function serverOf(smtpUrl: string, production: boolean) {
  const url = URL.parse(smtpUrl)
  if (url === null || url.hostname === '' || !/^smtps?:$/.test(url.protocol)) {
    throw new ConfigError('SMTP_URL must look like smtps://user:password@host:port or smtp://host:port')
  }
  const secure = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || submissionPorts[secure ? 'tls' : 'startTls']),
    secure,
    requireTLS: production && !secure,
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(url.password) } }),
  }
}
