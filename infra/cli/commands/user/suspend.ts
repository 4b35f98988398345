import { Command } from 'commander'
import { changingAccount } from '../../change-account.ts'
import { reasonOption } from '../../reason-option.ts'

/** `oort user suspend <account> --reason <word>`: ends its sessions and refuses its API keys. */
export function suspendUser(): Command {
  const command = new Command('suspend')
    .summary('suspend an account')
    .description(
      'Ends the sessions of an account and refuses its API keys at once; its runs are ended within a second.',
    )
    .addOption(reasonOption().makeOptionMandatory())
  return changingAccount(command, (scope, id, reason) => scope.suspend(id, reason), 'is suspended')
}
