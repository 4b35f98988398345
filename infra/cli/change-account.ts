import type { Command } from 'commander'
import type { AdminReason } from '../../core/audit/events.ts'
import type { UserId } from '../../core/ids.ts'
import { type ConsoleScope, createConsoleScope } from '../../core/scope/console-scope.ts'
import { accountArgument } from './account-argument.ts'
import { answering } from './answering.ts'
import { withPlatform } from './with-platform.ts'

type Change = (scope: ConsoleScope, userId: UserId, reason: AdminReason) => Promise<void>

/** Gives a command the account that it changes as its argument, and the change as its action. It answers what the account is then. */
export function changingAccount(command: Command, change: Change, done: string): Command {
  command.argument('<account>', 'e-mail address or id', accountArgument)
  return answering<[string], { readonly reason: AdminReason }>(command, ([idOrEmail], { reason }) =>
    withPlatform(async (platform) => {
      const scope = createConsoleScope(platform)
      const { id } = await scope.account(idOrEmail)
      await change(scope, id, reason)
      return { data: await scope.account(id), text: `${id} ${done}` }
    }),
  )
}
