import { execFile } from 'node:child_process'
import { chmod, cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bundle } from '../../infra/bundling/bundle-entry.ts'
import { cacheOf, compileCode } from '../../infra/bundling/cached-code.ts'
import { urlEvent } from '../../infra/bundling/url-event.ts'
import { warmCode } from '../../infra/bundling/warm-code.ts'
import { functionArtefact } from '../../infra/lambda/artefact.ts'
import { buildTime, built } from '../support/built.ts'
import { strongSecrets } from '../support/process.ts'
import { root } from '../support/source-graph.ts'

// What V8 compiled at build time, beside the code of a bundle that is copied to where nothing else uses it.

let folder: string
let dist: string
let apart: readonly Bundle[]

beforeAll(async () => {
  const { dist: shared, bundles } = await built()
  apart = [...bundles.values()].filter(({ code, outfile }) => code !== outfile)
  folder = await mkdtemp(join(tmpdir(), 'oort-cached-'))
  dist = join(folder, 'dist')
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await cp(join(shared, 'functions/keys'), join(dist, 'functions/keys'), { recursive: true })
  const keys = apart.find(({ name }) => name === 'functions/keys/lambda')
  if (keys === undefined) throw new Error('the code of keys is not apart')
  await warmCode([{ ...keys, outfile: at('lambda.js'), code: at('lambda.cjs') }])
}, buildTime)

afterAll(() => rm(folder, { recursive: true, force: true }))

const at = (file: string) => join(dist, 'functions/keys', file)
const run = promisify(execFile)

/** The status that the function answers a stranger with, in a process of its own, and whether its cache was taken. */
async function answer(): Promise<string> {
  const program = `
    const { Script } = process.getBuiltinModule('node:vm')
    const seen = []
    process.getBuiltinModule('node:vm').Script = class extends Script {
      constructor(source, options) {
        super(source, options)
        seen.push(options.cachedData !== undefined && this.cachedDataRejected === false)
      }
    }
    const { handler } = await import(${JSON.stringify(at('lambda.js'))})
    const { statusCode } = await handler(${JSON.stringify(urlEvent('/api/keys'))}, {})
    console.log(statusCode, seen[0])
    process.exit(0)`
  const env = { NODE_ENV: 'production', OORT_LOG_LEVEL: 'silent', OORT_DATA_DIR: join(folder, 'data') }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...env, ...strongSecrets() },
  })
  await rm(env.OORT_DATA_DIR, { recursive: true, force: true })
  return stdout.trim()
}

test('each handler and the router have their code apart, in characters of one byte', async () => {
  expect(apart).toHaveLength(8)
  for (const { code, name } of apart) {
    const bytes = await readFile(code)
    expect([name, bytes.every((byte) => byte < 0x80)]).toEqual([name, true])
  }
})

describe('B3 what V8 compiled at build time', () => {
  test('is taken at the next start, from a folder that nobody can write', async () => {
    const before = await readdir(at('.'))
    await chmod(at('.'), 0o500)
    expect(await answer()).toBe('401 true')
    await chmod(at('.'), 0o700)
    expect(await readdir(at('.'))).toEqual(before)
  })

  test('is passed over for code that was changed since, though it is as long', async () => {
    const source = await readFile(at('lambda.cjs'), 'utf8')
    await writeFile(at('lambda.cjs'), source.replace('UNAUTHENTICATED', 'UNAUTHENTICATEX'))
    expect(await answer()).toMatch(/ false$/)
    await writeFile(at('lambda.cjs'), source)
    expect(await answer()).toBe('401 true')
  })

  test.each([
    ['damaged', (cache: Buffer) => cache.with(cache.length - 9, (cache.at(-9) ?? 0) ^ 1)],
    ['cut', (cache: Buffer) => cache.subarray(0, cache.length / 2)],
    ['empty', () => Buffer.alloc(0)],
  ])('is passed over where it is %s', async (_, spoil) => {
    const cache = await readFile(at('lambda.cache'))
    await writeFile(at('lambda.cache'), spoil(cache))
    expect(await answer()).toBe('401 false')
    await writeFile(at('lambda.cache'), cache)
  })

  test('goes along with an artefact for this architecture and with no other', async () => {
    const other = process.arch === 'x64' ? 'arm64' : 'x64'
    const own = process.arch === 'x64' ? 'x64' : 'arm64'
    const files = async (arch: 'x64' | 'arm64') => (await functionArtefact('keys', arch, dist)).map(({ path }) => path)
    expect(await files(own)).toEqual(expect.arrayContaining(['lambda.js', 'lambda.cjs', 'lambda.cache']))
    expect(await files(other)).toEqual((await files(own)).filter((path) => path !== 'lambda.cache').map(toOther))
  })
})

const toOther = (path: string) =>
  path.replace(/linux-(x64|arm64)/, (_, arch) => `linux-${arch === 'x64' ? 'arm64' : 'x64'}`)

test('code that is run from its cache exports what it does without', async () => {
  await writeFile(join(folder, 'sum.cjs'), 'exports.sum = (a, b) => a + b; exports.where = [__filename, __dirname]')
  const first = compileCode(folder, 'sum')
  const sum = first.run() as { readonly sum: (a: number, b: number) => number; readonly where: readonly string[] }
  expect([sum.sum(1, 2), sum.where]).toEqual([3, [join(folder, 'sum.cjs'), folder]])
  await writeFile(join(folder, 'sum.cache'), cacheOf(first, await readFile(join(folder, 'sum.cjs'))))
  const second = compileCode(folder, 'sum')
  expect([first.cached, second.cached, (second.run() as typeof sum).sum(1, 2)]).toEqual([false, true, 3])
})
