import { Command } from 'commander'
import { createConsoleScope } from '../../../../core/scope/console-scope.ts'
import { accountArgument } from '../../account-argument.ts'
import { withPlatform } from '../../with-platform.ts'

/** `oort audit export <account>`: a chain of the audit log as NDJSON, an entry a line. */
export function exportAudit(): Command {
  return new Command('export')
    .summary('print the audit chain of an account')
    .description('Prints the audit chain of an account as NDJSON, oldest entry first, with the hashes that link it.')
    .argument('<account>', 'e-mail address, id (of a deleted account too), or `house`', (text) =>
      text.includes('@') ? accountArgument(text) : text,
    )
    .option('--json', 'as it is: every line is JSON')
    .action((account: string) =>
      withPlatform(async (platform) => {
        for await (const { rowid: _, detail, ...entry } of createConsoleScope(platform).chain(account)) {
          process.stdout.write(`${JSON.stringify({ ...entry, detail: JSON.parse(detail) })}\n`)
        }
      }),
    )
}
