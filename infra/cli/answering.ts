import type { Command } from 'commander'

/** What a command found or did. */
export interface Outcome {
  /** For programs: what `--json` prints, as one line. */
  readonly data: unknown
  /** For people. */
  readonly text: string
  /** False where what was asked is not so, such as a chain that is broken: the exit code is then 1. */
  readonly ok?: boolean
}

/**
 * Gives a command its action and `--json`. `args` are the arguments that the command declares, in their order; `options`
 * its options by name. What `act` throws is told by `runProgram`.
 */
export function answering<A extends readonly unknown[], O = object>(
  command: Command,
  act: (args: A, options: O) => Promise<Outcome>,
): Command {
  return command.option('--json', 'answer as one line of JSON').action(async () => {
    const { json, ...options } = command.opts<{ readonly json?: true }>()
    const { data, text, ok = true } = await act(command.processedArgs as unknown as A, options as O)
    process.stdout.write(json === true ? `${JSON.stringify(data)}\n` : `${text.trimEnd()}\n`)
    if (!ok) process.exitCode = 1
  })
}
