import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { expect, test } from 'vitest'
import { type Config, ConfigError } from '../../../core/config.ts'
import { OortError } from '../../../core/errors.ts'
import { createLog } from '../../../core/log.ts'
import { createMailer } from '../../../core/mail/mailer.ts'
import { resetPassword } from '../../../core/mail/messages/reset-password.ts'
import { verifyEmail } from '../../../core/mail/messages/verify-email.ts'
import { linkIn, startMailServer } from '../../support/mail-server.ts'

const lines: string[] = []
const log = createLog(
  { logLevel: 'trace' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  }),
)
const mailerFor = (smtpUrl: string | undefined, environment: Config['environment'] = 'test', patienceMs?: number) =>
  createMailer({ environment, mail: { smtpUrl, from: 'Oort <no-reply@oort.test>' } }, log, patienceMs)

const unavailable = (sending: Promise<void>) =>
  sending.then(
    () => 'sent',
    (error: unknown) => (error instanceof OortError ? error.code : error),
  )

/** A certificate for 127.0.0.1 that is its own authority. */
async function certificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'oort-mail-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1']
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const made = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  await rm(folder, { recursive: true })
  return made
}

const link = `https://oort.test/verify-email#token=${'Aa0_-'.repeat(8)}xyz`

test('a message arrives whole, as plain text from the configured sender, marked as automatic', async () => {
  const server = await startMailServer()
  await mailerFor(server.url).send('ada@example.com', verifyEmail(link))
  const mail = server.newestTo('ada@example.com')
  expect(mail).toMatchObject({ from: 'no-reply@oort.test', to: ['ada@example.com'], ...verifyEmail(link) })
  expect(mail.headers).toMatch(/^Auto-Submitted: auto-generated\r?$/m)
  expect(mail.headers).toMatch(/^Content-Type: text\/plain; charset=utf-8\r?$/m)
  expect(linkIn(mail).url).toBe(link)
  await server.close()
})

test('an address goes out as one recipient, whatever it looks like', async () => {
  const server = await startMailServer()
  const mailer = mailerFor(server.url)
  await unavailable(mailer.send('ada@example.com, eve@example.com', resetPassword(link)))
  await unavailable(mailer.send('ada@example.com\r\nBcc: eve@example.com', resetPassword(link)))
  expect(server.messages.flatMap(({ to }) => to)).not.toContain('eve@example.com')
  await server.close()
})

test('production refuses a server that offers no TLS, and sends it neither address nor link', async () => {
  const server = await startMailServer()
  expect(await unavailable(mailerFor(server.url, 'production').send('ada@example.com', resetPassword(link)))).toBe(
    'MAIL_UNAVAILABLE',
  )
  expect(server.messages).toEqual([])
  await server.close()
})

test('a certificate that nobody vouches for is refused, and no parameter of the URL turns that off', async () => {
  const own = await certificate()
  const secure = await startMailServer({ secure: true, ...own })
  const upgrading = await startMailServer(own)
  for (const url of [
    secure.url,
    `${secure.url}/?tls.rejectUnauthorized=false`,
    upgrading.url,
    `${upgrading.url}/?ignoreTLS=true&requireTLS=false`,
  ]) {
    const sending = mailerFor(url, 'production').send('ada@example.com', resetPassword(link))
    expect(await unavailable(sending)).toBe('MAIL_UNAVAILABLE')
  }
  expect([...secure.messages, ...upgrading.messages]).toEqual([])
  await Promise.all([secure.close(), upgrading.close()])
})

test('production sends over TLS from the first byte, or after the upgrade, with a certificate that is vouched for', async () => {
  const { key, cert } = await certificate()
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, cert])
  const secure = await startMailServer({ secure: true, key, cert })
  const upgrading = await startMailServer({ key, cert })
  for (const server of [secure, upgrading]) {
    await mailerFor(server.url, 'production').send('ada@example.com', resetPassword(link))
    expect(server.messages.map((mail) => mail.secure)).toEqual([true])
  }
  setDefaultCACertificates(trusted)
  await Promise.all([secure.close(), upgrading.close()])
})

test('a server that is gone, or refuses the recipient, is MAIL_UNAVAILABLE', async () => {
  const refusing = await startMailServer({
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => done(new Error('no such mailbox')),
  })
  expect(await unavailable(mailerFor(refusing.url).send('ada@example.com', resetPassword(link)))).toBe(
    'MAIL_UNAVAILABLE',
  )
  await refusing.close()
  expect(await unavailable(mailerFor(refusing.url).send('ada@example.com', resetPassword(link)))).toBe(
    'MAIL_UNAVAILABLE',
  )
})

test('a server that accepts and says nothing is given up', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const started = performance.now()
  const sending = mailerFor(`smtp://127.0.0.1:${port}`, 'test', 300).send('ada@example.com', resetPassword(link))
  expect(await unavailable(sending)).toBe('MAIL_UNAVAILABLE')
  expect(performance.now() - started).toBeLessThan(5_000)
  silent.close()
})

test('without a server nothing is sent, and the log says so once', async () => {
  const before = lines.length
  const mailer = mailerFor(undefined)
  expect(mailer.configured).toBe(false)
  expect(await unavailable(mailer.send('ada@example.com', resetPassword(link)))).toBe('MAIL_UNAVAILABLE')
  expect(lines.slice(before)).toHaveLength(1)
  expect(lines.at(-1)).toContain('SMTP_URL is not set')
})

test.each(['mail.example.com', 'http://mail.example.com', 'smtp://', 'smtp:mail.example.com:x'])(
  'the URL %s stops the start',
  (url) => {
    expect(() => mailerFor(url)).toThrow(ConfigError)
  },
)

test('D3 no address, link or password of the server reaches the log', async () => {
  const server = await startMailServer()
  const url = server.url.replace('smtp://', 'smtp://oort:server-password@')
  await unavailable(mailerFor(url).send('ada@example.com', resetPassword(link)))
  await server.close()
  for (const secret of ['ada@example.com', link, 'server-password']) expect(lines.join('')).not.toContain(secret)
})
