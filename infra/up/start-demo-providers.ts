import { createInterface } from 'node:readline'
import * as z from 'zod'
import type { Environment } from './read-environment.ts'
import type { Supervisor } from './supervisor.ts'

const announcement = z.object({
  origins: z.object({ openai: z.url(), anthropic: z.url(), cerebras: z.url() }),
  keys: z.object({ openai: z.string(), anthropic: z.string(), cerebras: z.string() }),
})

export interface DemoProviders {
  /** Variables that send the router to the emulator. */
  readonly env: Environment
  /** Keys that the emulator accepts and that are worth nothing anywhere else, by provider. */
  readonly keys: Readonly<Record<string, string>>
}

export const demoPortBase = 4010

/**
 * Starts the tests' provider emulator as a program of its own (product code never imports tests) and reads where it
 * listens from its first line of output. Rejects when it ends or says something else.
 */
export async function startDemoProviders(
  supervisor: Supervisor,
  root: string,
  env: Environment,
): Promise<DemoProviders> {
  const output = supervisor.start({
    name: 'provider emulator',
    command: process.execPath,
    args: ['tests/support/emulator/main.ts', '--port-base', String(demoPortBase)],
    env: { PATH: env['PATH'] },
    cwd: root,
    output: 'pipe',
  })
  if (output === null) throw new Error('The provider emulator has no output')
  for await (const line of createInterface({ input: output })) {
    const { origins, keys } = announcement.parse(JSON.parse(line))
    output.resume()
    return {
      env: {
        OORT_OPENAI_URL: origins.openai,
        OORT_ANTHROPIC_URL: origins.anthropic,
        OORT_CEREBRAS_URL: origins.cerebras,
      },
      keys,
    }
  }
  throw new Error('The provider emulator ended before it said where it listens')
}
