import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Bundle } from '../../infra/bundling/bundle-entry.ts'
import { findEntries } from '../../infra/bundling/find-entries.ts'
import { buildTime, built } from '../support/built.ts'
import { start, strongSecrets } from '../support/process.ts'

/** Bytes of minified code, of a handler for Lambda too, which carries Fastify and the store. */
const limit = 1_000_000
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

let bundles: ReadonlyMap<string, Bundle>

beforeAll(async () => {
  bundles = (await built()).bundles
}, buildTime)

function bundleOf(entry: string): Bundle {
  const bundle = bundles.get(entry)
  if (bundle === undefined) throw new Error(`${entry} was not built`)
  return bundle
}

test('the command line runs from its bundle alone, without sources', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oort-bundles-'))
  const env = { NODE_ENV: 'test', ...strongSecrets(), OORT_DATA_DIR: join(folder, 'data') }
  const { exitCode, stdout } = await start(bundleOf('infra/cli/oort.ts').outfile, ['doctor'], env).ended
  expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/^bad +database +there is none/m)])
  await rm(folder, { recursive: true, force: true })
})

describe.each(entries)('%s', (entry) => {
  test('B3 weighs at most 1 MB minified', () => {
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

  test('holds no other function, no test, no tool of the build, no meter and no way to a bucket', () => {
    const capability = entry.split('/')[1] ?? ''
    const inputs = Object.keys(bundleOf(entry).metafile.inputs)
    const strangers = inputs.filter(
      (path) =>
        /^(tests|infra)\/|node_modules\/(esbuild|vitest|typescript|drizzle-kit|@aws-sdk|@smithy|prom-client|@opentelemetry)\//.test(
          path,
        ) ||
        (path.startsWith('functions/') && !path.startsWith(`functions/${capability}/`)),
    )
    expect(strangers).toEqual([])
  })

  test('leaves no path of the machine that built it', async () => {
    expect(await readFile(bundleOf(entry).code, 'utf8')).not.toContain(process.cwd())
  })
})
