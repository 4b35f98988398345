import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { Environment } from './read-environment.ts'

export interface Program {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Environment
  readonly cwd: string
  /** Where its standard output goes. */
  readonly output: 'inherit' | 'pipe'
}

/** Starts programs that belong together and ends them together. */
export interface Supervisor {
  /** Answers with the program's standard output, where that is piped. */
  start(program: Program): Readable | null
  /** Settles when a program ends that nobody asked to end; tells which and how. */
  readonly crashed: Promise<string>
  /** Asks every program to end, gives them time to finish their work, then ends them. Resolves when all are gone. */
  stop(): Promise<void>
}

const drainLimitMs = 15_000

export function createSupervisor(): Supervisor {
  const running = new Map<string, ChildProcess>()
  const crash = Promise.withResolvers<string>()
  let stopping = false

  const ended = (name: string, how: string): void => {
    running.delete(name)
    if (!stopping) crash.resolve(`${name} ended (${how})`)
  }

  return {
    crashed: crash.promise,
    start({ name, command, args, env, cwd, output }) {
      if (stopping) throw new Error(`${name} is not started any more: the rest is ending`)
      const child = spawn(command, args, { cwd, env: { ...env }, stdio: ['ignore', output, 'inherit'] })
      running.set(name, child)
      child.on('error', (error) => ended(name, error.message))
      child.on('exit', (code, signal) => ended(name, signal ?? `code ${code}`))
      return child.stdout
    },
    async stop() {
      stopping = true
      await Promise.all(
        [...running.values()].map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
          const exit = once(child, 'exit')
          child.kill('SIGTERM')
          const limit = setTimeout(() => child.kill('SIGKILL'), drainLimitMs)
          await exit
          clearTimeout(limit)
        }),
      )
    },
  }
}
