import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { databaseIn } from './database.ts'
import { root } from './source-graph.ts'

export interface Ended {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of ours on its own, with the environment that is given and no other. */
export interface Started {
  readonly child: ChildProcess
  /** Answers when it has ended. */
  readonly ended: Promise<Ended>
  /** The origin that it listens on, as its log tells. Rejects when it ends before. */
  readonly origin: Promise<string>
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Secrets that nothing speaks against. */
export function strongSecrets(): { readonly BYOK_MASTER_KEY: string; readonly SESSION_SECRET: string } {
  return { BYOK_MASTER_KEY: randomBytes(32).toString('base64'), SESSION_SECRET: randomBytes(32).toString('base64') }
}

export function start(script: string, args: readonly string[], env: Environment, input = ''): Started {
  const dataDir = env['OORT_DATA_DIR']
  const database = dataDir === undefined ? {} : databaseIn(dataDir)
  const child = spawn(process.execPath, [script, ...args], { cwd: root, env: { ...database, ...env }, stdio: 'pipe' })
  const heard = { stdout: '', stderr: '' }
  const ended = once(child, 'close').then(([exitCode, signal]) => ({ exitCode, signal, ...heard }) as Ended)
  const origin = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      heard.stdout += chunk.toString()
      const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(heard.stdout) ?? []
      if (found !== undefined) resolve(found)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      heard.stderr += chunk.toString()
    })
    ended.then(({ stderr }) => reject(new Error(`ended before it listened: ${stderr}`)), reject)
  })
  // Not every test asks for it.
  origin.catch(() => undefined)
  child.stdin.end(input)
  return { child, ended, origin }
}
