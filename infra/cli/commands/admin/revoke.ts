import { Command } from 'commander'
import { changingAccount } from '../../change-account.ts'
import { reasonOption } from '../../reason-option.ts'

/** `oort admin revoke <account>`: takes the role away. */
export function revokeAdmin(): Command {
  const command = new Command('revoke')
    .summary('take the role of administrator away')
    .description('Takes the role of administrator away, from the next request on. The last one keeps it.')
    .addOption(reasonOption().default('staffing'))
  return changingAccount(
    command,
    (scope, id, reason) => scope.setRole(id, 'user', reason),
    'is no administrator any more',
  )
}
