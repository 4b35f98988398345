import { Command } from 'commander'
import { changingAccount } from '../../change-account.ts'
import { reasonOption } from '../../reason-option.ts'

/** `oort user unsuspend <account> --reason <word>`: lets it sign in again. */
export function unsuspendUser(): Command {
  const command = new Command('unsuspend')
    .summary('let a suspended account in again')
    .description('Lets a suspended account sign in again, and accepts its API keys.')
    .addOption(reasonOption().makeOptionMandatory())
  return changingAccount(command, (scope, id, reason) => scope.unsuspend(id, reason), 'is active')
}
