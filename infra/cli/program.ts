import { Command } from 'commander'
import { grantAdmin } from './commands/admin/grant.ts'
import { revokeAdmin } from './commands/admin/revoke.ts'
import { exportAudit } from './commands/audit/export.ts'
import { verifyAudit } from './commands/audit/verify.ts'
import { backup } from './commands/backup.ts'
import { compactDatabase } from './commands/compact.ts'
import { completion } from './commands/completion.ts'
import { doctor } from './commands/doctor.ts'
import { closeIncident } from './commands/incident/close.ts'
import { listIncidents } from './commands/incident/list.ts'
import { openIncident } from './commands/incident/open.ts'
import { updateIncident } from './commands/incident/update.ts'
import { abandonNewKey } from './commands/keys/abandon.ts'
import { rekeyAll } from './commands/keys/rekey.ts'
import { keyStatus } from './commands/keys/status.ts'
import { migrate } from './commands/migrate.ts'
import { restore } from './commands/restore.ts'
import { showUser } from './commands/user/show.ts'
import { suspendUser } from './commands/user/suspend.ts'
import { unsuspendUser } from './commands/user/unsuspend.ts'
import { verifyExport } from './commands/verify-export.ts'
import { verifyReceipt } from './commands/verify-receipt.ts'

/** The whole command line. A command is a file in `commands/` and a line here. */
export function createProgram(): Command {
  const program = group('oort', 'Looks after an Oort, beside the running one or without it.', [
    backup(),
    restore(),
    doctor(),
    group('user', 'Accounts: show, suspend, let in again.', [showUser(), suspendUser(), unsuspendUser()]),
    group('admin', 'Administrators: make one, unmake one.', [grantAdmin(), revokeAdmin()]),
    group('keys', 'The master key: what it seals, and its rotation.', [keyStatus(), rekeyAll(), abandonNewKey()]),
    group('audit', 'The audit log: verify it, print a chain of it.', [verifyAudit(), exportAudit()]),
    group('incident', 'Incidents: tell of them, and list what is owed about them.', [
      openIncident(),
      updateIncident(),
      closeIncident(),
      listIncidents(),
    ]),
    compactDatabase(),
    migrate(),
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
  const made = new Command(name)
    .enablePositionalOptions()
    .description(summary)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
  for (const command of commands) made.addCommand(command.exitOverride())
  return made
}
