import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '../../core/clock.ts'
import { routes } from '../security/route-table.ts'
import type { Browser } from '../support/browser.ts'
import { buildTime } from '../support/built.ts'
import { long } from '../support/extent.ts'
import { figure } from '../support/figure.ts'
import type { Answered } from '../support/http.ts'
import { askAt, talkAt } from './ask-at.ts'
import { type Fort, openFort } from './fort.ts'
import { expectNoFault } from './problem.ts'

let fort: Fort
let admin: Browser
beforeAll(async () => {
  fort = await openFort()
  admin = await fort.admin()
}, buildTime)
afterAll(() => fort?.[Symbol.asyncDispose]())

const hsts = 'max-age=31536000; includeSubDomains; preload'

/** Every route of the table, with a body that its schema takes, asked by nobody and by an administrator. */
async function everyAnswer(): Promise<(readonly [string, Answered])[]> {
  const ending = [
    'POST /api/auth/sign-out',
    'POST /api/auth/sign-out-everywhere',
    'DELETE /api/auth/account',
    'POST /api/auth/change-password',
  ]
  const answers: (readonly [string, Answered])[] = []
  for (const [name, { body, missing }] of Object.entries(routes)) {
    const [method = '', url = ''] = name.split(' ')
    const path = url.replace(/:[^/]+/, missing?.() ?? '')
    for (const cookie of ending.includes(name) ? [''] : ['', admin.cookie]) {
      const headers = { origin: fort.publicUrl, cookie, 'content-type': 'application/json' }
      const text = body === undefined ? {} : { body: JSON.stringify(body) }
      answers.push([name, await askAt(fort.doors[0], { method, path, headers, ...text })])
    }
  }
  return answers
}

/** Every page and file that links lead to from the home page, for nobody and for an administrator. */
async function crawl(): Promise<(readonly [string, Answered])[]> {
  const seen = new Map<string, Answered>()
  const waiting = [
    '/',
    '/admin',
    '/robots.txt',
    '/.well-known/security.txt',
    '/nowhere',
    '/api/nowhere',
    '/assets/nowhere.js',
  ]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const cookie of ['', admin.cookie]) {
      const answer = await askAt(fort.doors[0], { path, headers: { cookie, accept: 'text/html,*/*' } })
      seen.set(`GET ${path}${cookie === '' ? '' : ', signed in'}`, answer)
      if (!answer.headers['content-type']?.startsWith('text/html')) continue
      for (const [, link = ''] of answer.text.matchAll(/(?:href|src)="(\/[^"#?]*)/g)) {
        if (!seen.has(`GET ${link}`) && !waiting.includes(link)) waiting.push(link)
      }
    }
  }
  return [...seen]
}

test('H2 H4 every answer, found by links or in the table of routes, has its HSTS, and every error is a problem that tells nothing', async ({
  task,
}) => {
  const answers = [...(await everyAnswer()), ...(await crawl())]
  for (const [name, answer] of answers) {
    expect([name, answer.headers['strict-transport-security']]).toEqual([name, hsts])
    // A person at an address that is none gets a page.
    if (answer.headers['content-type']?.startsWith('text/html')) {
      expect([name, answer.text.match(/node_modules|SQLITE|\bat .+:\d+:\d+/)?.[0]]).toEqual([name, undefined])
    } else expectNoFault(answer, name)
  }
  const errors = answers.filter(([, { status }]) => status >= 400).length
  figure(task, `${answers.length} answers, ${errors} of them errors: all with HSTS, all errors problem documents`)
})

test('H4 security.txt expires 1 to 364 days ahead', async ({ task }) => {
  const { text } = await askAt(fort.doors[0], { path: '/.well-known/security.txt' })
  const ahead = (Date.parse(/^Expires: (.+)$/m.exec(text)?.[1] ?? '') - Date.now()) / day
  expect(ahead).toBeGreaterThan(1)
  expect(ahead).toBeLessThan(364)
  figure(task, `${Math.floor(ahead)} days ahead`)
})

test('H2 headers of 17 KB are refused with HSTS; beyond, and for what is no HTTP, Caddy’s parser answers alone', async () => {
  const get = (filler: number) =>
    `GET / HTTP/1.1\r\nHost: ${fort.doors[0].host}\r\nConnection: close\r\nX: ${'a'.repeat(filler)}\r\n\r\n`
  const heard = await talkAt(fort.doors[0], get(17 * 1_024))
  expect(heard.slice(0, 12)).toBe('HTTP/1.1 431')
  expect(heard).toContain(`Strict-Transport-Security: ${hsts}`)
  expect((await talkAt(fort.doors[0], get(64 * 1_024))).slice(0, 12)).toBe('HTTP/1.1 431')
  expect((await talkAt(fort.doors[0], 'garbage\r\n\r\n')).slice(0, 12)).toBe('HTTP/1.1 400')
})

interface Finding {
  readonly id: string
  readonly severity: string
  readonly finding: string
}

/** What is so by the nature of a certificate authority of this run's own, and of a machine without a network. */
const ofTheTest =
  /^(cert_|DNS_CAA|chain_of_trust|trust|OCSP|scanTime|engine_problem|host_certificate|overall_grade|grade)/i

// Debian's package, which `npm run test:attacks` installs where it may.
if (long && spawnSync('sh', ['-c', 'command -v testssl']).status === 0) {
  test('H2 testssl.sh finds TLS 1.3 alone, and no weakness from MEDIUM on', async ({ task }) => {
    const folder = await mkdtemp(join(tmpdir(), 'oort-testssl-'))
    const report = join(folder, 'found.json')
    await writeFile(join(folder, 'ca.pem'), fort.caddy.ca)
    const options = ['--quiet', '--warnings', 'off', '--color', '0', '--ip', '127.0.0.1', '--nodns', 'min']
    const args = [...options, '--add-ca', join(folder, 'ca.pem'), '--jsonfile', report, `localhost:${fort.caddy.port}`]
    await once(spawn('testssl', args, { stdio: 'ignore' }), 'close')
    const findings = JSON.parse(await readFile(report, 'utf8')) as readonly Finding[]
    await rm(folder, { recursive: true, force: true })
    const of = (id: string) => findings.find((each) => each.id === id)?.finding
    for (const id of ['SSLv2', 'SSLv3', 'TLS1', 'TLS1_1', 'TLS1_2'])
      expect([id, of(id)]).toEqual([id, expect.stringContaining('not offered')])
    expect(of('TLS1_3')).toContain('offered')
    const weak = findings.filter(
      ({ id, severity }) => ['MEDIUM', 'HIGH', 'CRITICAL'].includes(severity) && !ofTheTest.test(id),
    )
    expect(weak).toEqual([])
    expect(findings.length).toBeGreaterThan(40)
    figure(task, `TLS 1.3 alone; ${findings.length} findings, none from MEDIUM on`)
  })
}
