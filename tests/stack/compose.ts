import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { root } from '../support/source-graph.ts'

/** Why the machine lends no engine; the tests of the stack are then skipped. Set by infra/bootstrap.mjs. */
export const engineMissing = process.env['OORT_ENGINE_MISSING']

/** The tag of the images that are built from this tree, once for all tests. */
export const builtVersion = 'stack-test'

export const files = ['compose.yaml', 'tests/stack/override.yaml'] as const

export interface Output {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `docker` to its end. Answers for any exit code. */
export async function docker(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Output> {
  const run = promisify(execFile)
  const options = { cwd: root, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 }
  try {
    return { exitCode: 0, ...(await run('docker', [...args], options)) }
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string }
    if (typeof code !== 'number') throw error
    return { exitCode: code, stdout: stdout ?? '', stderr: stderr ?? '' }
  }
}

/** The same, where anything but success is an error that shows what was said. */
export async function mustDocker(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await docker(args, env)
  if (exitCode !== 0) throw new Error(`docker ${args.join(' ')} exited with ${exitCode}:\n${stdout}${stderr}`)
  return stdout
}
