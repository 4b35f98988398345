import { Command } from 'commander'
import { completion } from './commands/completion.ts'
import { verifyExport } from './commands/verify-export.ts'
import { verifyReceipt } from './commands/verify-receipt.ts'

/** The whole command line. A command is a file in `commands/` and a line here. */
export function createProgram(): Command {
  const program = group('oort', 'Looks after an Oort, beside the running one or without it.', [
    verifyExport(),
    verifyReceipt(),
    completion(() => program),
  ])
  return program.addHelpText(
    'after',
    `
Settings are environment variables, the same that the server reads.
Exit codes: 0 done, 1 not so or not done, 64 wrong usage, 78 wrong configuration.`,
  )
}

function group(name: string, summary: string, commands: readonly Command[]): Command {
  const made = new Command(name).description(summary).exitOverride().configureHelp({ showGlobalOptions: false })
  for (const command of commands) made.addCommand(command.exitOverride())
  return made
}
