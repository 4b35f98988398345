import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Bundle, build, findEntries } from '../../esbuild.config.ts'
import { start, strongSecrets } from '../support/process.ts'

/**
 * Bytes. A handler for Lambda carries what the router has once for all, Fastify and the store, and does not meet B3
 * yet: its limit keeps it from growing further. The one of auth carries passkeys besides, 215 kB that are not run
 * before the first of them is used.
 */
const limits = { index: 1_000_000, lambda: 1_250_000, 'functions/auth/lambda.ts': 1_500_000 }
const entries = (await findEntries()).filter((entry) => entry.startsWith('functions/'))

/**
 * What a function must not carry, by the path of the source. A function that is not listed here fails: whoever adds one
 * says what it has no business with.
 */
const payments = /stripe|core\/plans\/(receive-payment-event|apply-payment-event|read-payment-event|park-event)/
const adapters = /core\/providers\/(openai|anthropic|cerebras|openai-wire|upstream|adapters)|node_modules\/undici/
const mail = /core\/mail\/(?!mailer)|nodemailer/
const foreign: Readonly<Record<string, readonly RegExp[]>> = {
  auth: [payments, adapters],
  keys: [payments, mail],
  runs: [payments, mail],
  export: [payments, adapters, mail],
  payments: [adapters, mail],
  admin: [adapters, mail],
  web: [payments, adapters, mail],
}

let outdir: string
let bundles: ReadonlyMap<string, Bundle>

beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'oort-bundles-'))
  bundles = new Map((await build(outdir)).map((bundle) => [bundle.entry, bundle]))
}, 60_000)

afterAll(async () => {
  await rm(outdir, { recursive: true, force: true })
})

function bundleOf(entry: string): Bundle {
  const bundle = bundles.get(entry)
  if (bundle === undefined) throw new Error(`${entry} was not built`)
  return bundle
}

test('the command line runs from its bundle alone, without sources', async () => {
  await symlink(join(process.cwd(), 'node_modules'), join(outdir, 'node_modules'))
  const env = { NODE_ENV: 'test', ...strongSecrets(), OORT_DATA_DIR: join(outdir, 'data') }
  const { exitCode, stdout } = await start(bundleOf('infra/cli/oort.ts').outfile, ['doctor'], env).ended
  expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/^bad +database +there is none/m)])
})

describe.each(entries)('%s', (entry) => {
  const usual = entry.endsWith('/lambda.ts') ? limits.lambda : limits.index
  const limit = entry in limits ? limits[entry as keyof typeof limits] : usual

  test(`${limit === limits.index ? 'B3 ' : ''}weighs at most ${limit / 1_000} kB minified`, () => {
    const { bytes } = bundleOf(entry)
    process.stdout.write(`${(bytes / 1_000).toFixed(0).padStart(5)} kB  ${entry}\n`)
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(limit)
  })

  test('holds nothing that is another function’s business', async () => {
    const capability = entry.split('/')[1] ?? ''
    const patterns = foreign[capability]
    expect(patterns, `functions/${capability} is not in the table above`).toBeDefined()
    const output = Object.values(bundleOf(entry).metafile.outputs).find(({ entryPoint }) => entryPoint === entry)
    const held = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    expect(held.length).toBeGreaterThan(0)
    const found = held.map(([path]) => path).filter((path) => patterns?.some((pattern) => pattern.test(path)))
    expect(found).toEqual([])
  })

  test('holds no other function, no test, no tool of the build and no way to a bucket', () => {
    const capability = entry.split('/')[1] ?? ''
    const inputs = Object.keys(bundleOf(entry).metafile.inputs)
    const strangers = inputs.filter(
      (path) =>
        /^(tests|infra)\/|node_modules\/(esbuild|vitest|typescript|drizzle-kit|@aws-sdk|@smithy)\//.test(path) ||
        (path.startsWith('functions/') && !path.startsWith(`functions/${capability}/`)),
    )
    expect(strangers).toEqual([])
  })

  test('leaves no path of the machine that built it', async () => {
    expect(await readFile(bundleOf(entry).outfile, 'utf8')).not.toContain(process.cwd())
  })
})
