import { execFile } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeVerdict, formatSums, type Manifest, verifyExport } from '../../../core/export/verify.mjs'
import { openZip } from '../../../infra/cli/open-zip.ts'
import { tamper } from '../../support/behind-the-store.ts'
import { startOort, type TestOort } from '../../support/oort.ts'
import { archiveOf, exportOf, type Files, type Stock, stockedUser, unpack, withFile } from './lab.ts'

const run = promisify(execFile)
const cli = join(import.meta.dirname, '../../../infra/cli/oort.ts')

let oort: TestOort
let user: Stock
let zip: Buffer
let files: Files
let key: string
beforeAll(async () => {
  oort = await startOort()
  user = await stockedUser(oort, 'user', 20)
  zip = await exportOf(user.browser)
  files = await unpack(zip)
  key = (await oort.browser().get('/api/export/signing-key')).json<{ fingerprint: string }>().fingerprint
})
afterAll(() => oort.close())

/** The archive with some of its files changed, or gone where `undefined` stands. */
function changed(changes: Readonly<Record<string, Buffer | undefined>>): Files {
  const copy = new Map(files)
  for (const [name, bytes] of Object.entries(changes)) {
    if (bytes === undefined) copy.delete(name)
    else copy.set(name, bytes)
  }
  return copy
}

function file(name: string): Buffer {
  const bytes = files.get(name)
  if (bytes === undefined) throw new Error(`no ${name} in the archive`)
  return bytes
}

/** A copy with one bit of the byte in the middle changed. */
function flipped(name: string): Buffer {
  const bytes = Buffer.from(file(name))
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}

async function faultsOf(altered: Files, expectedKey = key) {
  const { faults } = await verifyExport(archiveOf(altered), { key: expectedKey })
  return faults.map(({ kind, file: name }) => [kind, name])
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** The files as somebody would seal them who has changed them and has a key of their own. */
function forged(contents: Files): Files {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const pem = publicKey.export({ format: 'pem', type: 'spki' })
  const own = new Map(contents).set('public-key.pem', Buffer.from(pem))
  const manifest = JSON.parse(String(own.get('manifest.json'))) as Manifest
  const listed = manifest.files.map((entry) => {
    const bytes = own.get(entry.name) ?? Buffer.alloc(0)
    const rows = entry.rows === null ? null : bytes.toString('utf8').split('\n').length - 1
    return { ...entry, sha256: sha256(bytes), bytes: bytes.length, rows }
  })
  const text = Buffer.from(JSON.stringify({ ...manifest, publicKey: pem, files: listed }))
  const signature = sign(null, text, privateKey)
  const seals = [
    { name: 'manifest.json', sha256: sha256(text) },
    { name: 'manifest.sig', sha256: sha256(signature) },
  ]
  return own
    .set('manifest.json', text)
    .set('manifest.sig', signature)
    .set('SHA256SUMS', Buffer.from(formatSums([...listed, ...seals])))
}

describe('an archive as it was made', () => {
  test('is found intact by our command, which tells by which key it was signed', async () => {
    await withFile(zip, async (path) => {
      const { stdout } = await run(process.execPath, [cli, 'verify-export', path, '--key', key])
      expect(stdout).toMatch(/^INTACT /)
      expect(stdout).toContain(key)
      expect(stdout).toContain(user.scope.userId)
    })
  })

  test('is found intact by the program that it carries, and by what is on every machine', async () => {
    await withFile(zip, async (_path, folder) => {
      const unpacked = join(folder, 'unpacked')
      await mkdir(unpacked)
      for (const [name, bytes] of files) await writeFile(join(unpacked, name), bytes)
      const { stdout } = await run(process.execPath, ['verify.mjs', '--key', key], { cwd: unpacked, env: {} })
      expect(stdout).toMatch(/^INTACT /)

      const commands = [
        ...file('README.txt')
          .toString('utf8')
          .matchAll(/^ {2}((?:sha256sum|openssl) .+)$/gm),
      ]
      expect(commands).toHaveLength(2)
      for (const [, command = ''] of commands) {
        const [program = '', ...args] = command.split(' ')
        await run(program, args, { cwd: unpacked })
      }

      await writeFile(join(unpacked, 'runs.ndjson'), flipped('runs.ndjson'))
      const refused = run(process.execPath, ['verify.mjs'], { cwd: unpacked })
      await expect(refused).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('runs.ndjson') })
    })
  })

  test('carries the verifier of the repository, byte for byte', async () => {
    const source = await readFile(new URL('../../../core/export/verify.mjs', import.meta.url))
    expect(file('verify.mjs').equals(source)).toBe(true)
  })

  test('is signed by the key that the server tells to anybody, and lists every file', async () => {
    const manifest = JSON.parse(file('manifest.json').toString('utf8')) as Manifest
    const told = (await oort.browser().get('/api/export/signing-key')).json()
    expect(told).toEqual({ publicKey: manifest.publicKey, fingerprint: key })
    expect(manifest.files.map(({ name }) => name)).toEqual([...files.keys()].slice(0, -3))
  })
})

describe('one change is named', () => {
  test('in any file', async () => {
    const listed = [...files.keys()].slice(0, -3)
    expect(listed.length).toBeGreaterThan(10)
    for (const name of listed) {
      const bytes = file(name)
      const change = bytes.length === 0 ? Buffer.from('{}\n') : flipped(name)
      expect(await faultsOf(changed({ [name]: change }))).toEqual([['file_altered', name]])
    }
  })

  test('a row that was removed, with how many there should be', async () => {
    const lines = file('runs.ndjson').toString('utf8').split('\n')
    const { faults } = await verifyExport(archiveOf(changed({ 'runs.ndjson': Buffer.from(lines.slice(1).join('\n')) })))
    expect(faults).toEqual([{ kind: 'file_altered', file: 'runs.ndjson', detail: 'holds 19 rows instead of 20' }])
  })

  test('a file that was removed, added or doubled', async () => {
    expect(await faultsOf(changed({ 'runs.ndjson': undefined }))).toEqual([['file_missing', 'runs.ndjson']])
    expect(await faultsOf(changed({ 'more.ndjson': Buffer.alloc(0) }))).toEqual([['file_unlisted', 'more.ndjson']])
    const archive = archiveOf(files)
    const { faults } = await verifyExport({ ...archive, names: [...archive.names, 'runs.ndjson'] })
    expect(faults).toMatchObject([{ kind: 'file_doubled', file: 'runs.ndjson' }])
  })

  test.each([
    ['manifest.json', 'manifest_altered'],
    ['manifest.sig', 'signature_altered'],
    ['SHA256SUMS', 'sums_altered'],
  ])('in %s, and the lack of it', async (name, kind) => {
    expect(await faultsOf(changed({ [name]: flipped(name) }))).toEqual([[kind, name]])
    expect(await faultsOf(changed({ [name]: undefined }))).toEqual([['file_missing', name]])
  })

  test('by a forger with a key of their own', async () => {
    const prompt = 'prompt of user'
    const runs = Buffer.from(file('runs.ndjson').toString('utf8').replace(prompt, 'prompt of mine'))
    const forgery = forged(changed({ 'runs.ndjson': runs }))
    expect(await faultsOf(forgery)).toEqual([['key_foreign', 'manifest.json']])
    const { fingerprint } = await verifyExport(archiveOf(forgery))
    expect(fingerprint).not.toBe(key)
  })

  test('to the audit chain, even where every sum and the signature fit', async () => {
    const entries = file('audit.ndjson').toString('utf8').trimEnd().split('\n')
    const without = [...entries.slice(0, 4), ...entries.slice(5)]
    const swapped = entries.with(4, entries[5] ?? '').with(5, entries[4] ?? '')
    const relinked = entries.with(4, (entries[4] ?? '').replace(/"hash":"../, '"hash":"zz'))
    const short = entries.slice(0, -1)
    for (const [lines, detail] of [
      [without, 'entry 5 is missing: entry 6 stands in its place'],
      [swapped, 'entry 5 is missing: entry 6 stands in its place'],
      [relinked, 'entry 6 does not follow the entry before it'],
      [short, `it ends at entry ${entries.length - 1} and should at ${entries.length}`],
    ] as const) {
      const audit = Buffer.from(`${lines.join('\n')}\n`)
      const { faults } = await verifyExport(archiveOf(forged(changed({ 'audit.ndjson': audit }))))
      expect(faults).toEqual([{ kind: 'audit_broken', file: 'audit.ndjson', detail }])
    }
  })
})

test('a chain that was tampered with in the database shows in the export', async () => {
  const own = await startOort()
  const victim = await stockedUser(own, 'victim')
  await tamper(own.platform, `DELETE FROM audit_events WHERE subject_id = '${victim.scope.userId}' AND seq = 3`)
  const { faults } = await verifyExport(archiveOf(await unpack(await exportOf(victim.browser))))
  expect(faults).toMatchObject([{ kind: 'audit_broken', detail: expect.stringContaining('entry 3 is missing') }])
  await own.close()
})

describe('a damaged zip file', () => {
  /** The files of a zip that can still be read as one; undefined where it cannot. */
  const verdictOf = (bytes: Buffer) =>
    withFile(bytes, async (path) => {
      const archive = await openZip(path).catch(() => undefined)
      if (archive === undefined) return undefined
      try {
        return await verifyExport(archive, { key })
      } finally {
        archive.close()
      }
    })

  test('is never found intact with one byte changed, unless no file is changed by it', async () => {
    const contentOf = (bytes: Buffer) =>
      unpack(bytes).then((each) => formatSums([...each].map(([name, content]) => ({ name, sha256: sha256(content) }))))
    const whole = await contentOf(zip)
    await fc.assert(
      fc.asyncProperty(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const damaged = Buffer.from(zip)
        damaged[at] = (damaged[at] ?? 0) ^ by
        const verdict = await verdictOf(damaged)
        if (verdict === undefined || verdict.faults.length > 0) return
        expect(await contentOf(damaged)).toBe(whole)
      }),
      { numRuns: 120 },
    )
  })

  test('is never found intact when it was cut short', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(zip.length - 1), async (length) => {
        const verdict = await verdictOf(zip.subarray(0, length))
        expect(verdict?.faults.length).not.toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  test('that is no zip file ends our command with 1 and a sentence', async () => {
    await withFile(Buffer.from('not a zip'), async (path) => {
      const refused = run(process.execPath, [cli, 'verify-export', path])
      await expect(refused).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining('cannot be opened') })
      await expect(run(process.execPath, [cli, 'verify-export'])).rejects.toMatchObject({ code: 64 })
    })
  })
})

test('names of files cannot write to the terminal of whoever checks', async () => {
  const verdict = await verifyExport(archiveOf(changed({ '\u001b]0;owned\u0007.txt': Buffer.alloc(0) })))
  expect(describeVerdict(verdict, key)).toBe('NOT INTACT  ?]0;owned?.txt: is not part of the export (file_unlisted)\n')
})
