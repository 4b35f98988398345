import { Command } from 'commander'
import { changingAccount } from '../../change-account.ts'
import { reasonOption } from '../../reason-option.ts'

/** `oort admin grant <account>`: makes an account an administrator's. The first one is made so. */
export function grantAdmin(): Command {
  const command = new Command('grant')
    .summary('make an account an administrator')
    .description(
      'Makes an account an administrator, from its next request on. It stands in the audit log of the account.',
    )
    .addOption(reasonOption().default('staffing'))
  return changingAccount(command, (scope, id, reason) => scope.setRole(id, 'admin', reason), 'is an administrator now')
}
