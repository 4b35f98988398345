import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { backupHealthFile } from '../../../core/backup/backup-health.ts'
import { escapeHtml } from '../../../core/pages/markup.ts'
import * as policy from '../../../functions/web/security/policy.ts'
import { promises } from '../../../functions/web/security/promises.ts'
import { startOort } from '../../support/oort.ts'
import { root } from '../../support/source-graph.ts'

let now = Date.UTC(2026, 10, 24, 12)
const oort = await startOort({ clock: () => now })
afterAll(() => oort.close())

async function read(): Promise<string> {
  now += 6_000
  return (await oort.browser().get('/security')).text
}

describe.each(promises)('$id', ({ properties, code, tests, title, text }) => {
  test('names files that are there', () => {
    expect(code.length).toBeGreaterThan(0)
    expect([...code, ...tests].filter((path) => !existsSync(join(root, path)))).toEqual([])
    for (const path of tests) expect(path).toMatch(/^tests\//)
    for (const path of code) expect(path).not.toMatch(/^tests\//)
  })

  test('names, for each of its properties, a test that carries it in its name', async () => {
    const texts = await Promise.all(tests.map((path) => readFile(join(root, path), 'utf8')))
    const held = (id: string) =>
      texts.some((each) => new RegExp(`(test|describe)\\S*\\(['\`][^'\`]*\\b${id}\\b`).test(each))
    expect(properties.filter((id) => !held(id))).toEqual([])
  })

  test('rests on properties of SECURITY.md, and stands in the document itself', async () => {
    const record = await readFile(join(root, 'SECURITY.md'), 'utf8')
    expect(properties.filter((id) => !record.includes(id))).toEqual([])
    const document = await read()
    for (const said of [title, text, ...code, ...tests]) expect(document).toContain(escapeHtml(said))
  })
})

test('says what is not certified, and that nothing is attested', async () => {
  const names = policy.notCertified.map(({ name }) => name).join()
  for (const name of ['HIPAA', 'PCI DSS', 'FedRAMP', 'SOC 2']) expect(names).toContain(name)
  const document = await read()
  for (const { name, use, attested } of [...policy.designedAround, ...policy.notCertified]) {
    for (const said of [name, use, attested]) expect(document).toContain(escapeHtml(said))
  }
  for (const { attested } of policy.notCertified) expect(attested).toBe('Not attested.')
})

test('promises reporters what SECURITY.md promises, at the address of security.txt', async () => {
  const record = (await readFile(join(root, 'SECURITY.md'), 'utf8')).replaceAll(/\s+/g, ' ')
  const { text: contact } = await oort.browser().get('/.well-known/security.txt')
  expect(contact).toContain(`Contact: mailto:${policy.contact}\n`)
  expect(record).toContain(policy.contact)
  expect(record).toMatch(/answer within 3 working days, tell you our judgement within 10, .* 90 days/)
  expect(policy.commitments.map(({ within }) => within)).toEqual(
    expect.arrayContaining(['3 working days', '10 working days', '90 days at the latest']),
  )
  const document = await read()
  for (const { what, within } of policy.commitments)
    expect(document).toContain(`${what}</td><td data-title="By when">${within}`)
  for (const said of Object.values(policy.policy)) expect(document).toContain(escapeHtml(said))
})

describe('of backups it tells', () => {
  const file = join(oort.dataDir, backupHealthFile)

  test('that it cannot tell, where none are made beside it or what tells of them is unreadable', async () => {
    expect(await read()).toContain('cannot be told from here')
    await writeFile(file, '{"ok":tr')
    expect(await read()).toContain('cannot be told from here')
  })

  test('when the newest was made', async () => {
    await writeFile(file, JSON.stringify({ ok: true, at: Date.UTC(2026, 10, 24, 6, 30), backup: 'x' }))
    expect(await read()).toMatch(
      /newest backup .* was made <time datetime="2026-11-24T06:30:00\.000Z">Nov 24, 2026, 6:30/,
    )
  })

  test('that the last try failed', async () => {
    await writeFile(file, JSON.stringify({ ok: false, at: Date.UTC(2026, 10, 24, 7), backup: null }))
    expect(await read()).toMatch(/last try .*2026-11-24T07:00:00\.000Z.* failed/)
  })
})
