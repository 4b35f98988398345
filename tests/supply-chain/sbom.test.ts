import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { start } from '../support/process.ts'
import { readInstalled } from './lockfile.ts'

const component = z.looseObject({
  name: z.string(),
  version: z.string(),
  purl: z.string(),
  hashes: z.array(z.object({ alg: z.string(), content: z.string() })).optional(),
})
const bill = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  metadata: z.looseObject({ component }),
  components: z.array(component),
})

let folder: string
let texts: readonly string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-sbom-test-'))
  texts = await Promise.all(['one.json', 'other.json'].map((name) => written(join(folder, name))))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function written(path: string): Promise<string> {
  expect(await start('infra/sbom.ts', [path], process.env).ended).toMatchObject({ exitCode: 0 })
  return readFile(path, 'utf8')
}

test('the bill of materials names each package of production at the version and hash of the lockfile, and no other', () => {
  const { components, metadata } = bill.parse(JSON.parse(texts[0] ?? ''))
  const told = components.map(
    ({ name, version, hashes }) => `${name}@${version} ${hashes?.map((hash) => hash.content)}`,
  )
  const locked = readInstalled()
    .filter(({ production }) => production)
    .map(({ name, version, integrity }) => {
      const hash = Buffer.from(integrity?.replace('sha512-', '') ?? '', 'base64').toString('hex')
      return `${name}@${version} ${hash}`
    })
  expect(told.toSorted()).toEqual([...new Set(locked)].toSorted())
  expect(metadata.component.name).toBe('oort')
})

test('the same lockfile gives the same bytes, and no path of the machine', () => {
  expect(texts[1]).toBe(texts[0])
  expect(texts[0]).not.toContain(tmpdir())
})
