import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

/** Of a bundle, as the build describes it. */
interface Program {
  readonly name: string
  readonly code: string
  readonly outfile: string
}

/** What each program is asked before what V8 compiled is kept: an answer that a stranger gets. */
export const firstQuestions: Readonly<Record<string, readonly string[]>> = {
  'functions/admin/lambda': ['/api/admin/users'],
  'functions/auth/lambda': ['/api/auth/me'],
  'functions/export/lambda': ['/api/export/signing-key'],
  'functions/keys/lambda': ['/api/keys'],
  'functions/payments/lambda': ['/api/payments/subscription'],
  'functions/runs/lambda': ['/api/runs'],
  'functions/web/lambda': ['/healthz', '/'],
  router: ['/healthz', '/', '/api/auth/me', '/api/runs'],
}

const run = promisify(execFile)
const timeout = 60_000

/**
 * Lets each program that has its code apart (`code` is another file than `outfile`) start and answer once, in a process
 * of its own on a database that goes with it, and keeps beside the code what V8 compiled: see cached-code.ts. It is for
 * the Node that runs this, on this architecture. Rejects with the output of a program that does not start.
 */
export async function warmCode(bundles: readonly Program[]): Promise<void> {
  const programs = bundles.filter(({ code, outfile }) => code !== outfile)
  await Promise.all(programs.map(writeCache))
}

async function writeCache({ name, code }: Program): Promise<void> {
  const questions = firstQuestions[name]
  if (questions === undefined) throw new Error(`${name} is asked nothing: its first question is missing`)
  const scratch = await mkdtemp(join(tmpdir(), 'oort-warm-'))
  const secret = () => randomBytes(32).toString('base64')
  const env = {
    NODE_ENV: 'production',
    BYOK_MASTER_KEY: secret(),
    SESSION_SECRET: secret(),
    OORT_DATA_DIR: join(scratch, 'data'),
    OORT_LOG_LEVEL: 'silent',
    OORT_PORT: String(await freePort()),
  }
  const writer = join(import.meta.dirname, 'write-code-cache.ts')
  const program = name.split('/').at(-1) ?? name
  try {
    await run(process.execPath, [writer, dirname(code), program, ...questions], { env, timeout })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
