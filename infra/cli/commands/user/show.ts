import { Command } from 'commander'
import { createConsoleScope } from '../../../../core/scope/console-scope.ts'
import { accountArgument } from '../../account-argument.ts'
import { answering } from '../../answering.ts'
import { withPlatform } from '../../with-platform.ts'

/** `oort user show <account>`: what an account is. */
export function showUser(): Command {
  const command = new Command('show')
    .summary('show an account')
    .description('Shows what an account is: nothing that its user wrote, and no address.')
    .argument('<account>', 'e-mail address or id', accountArgument)
  return answering<[string]>(command, ([idOrEmail]) =>
    withPlatform(async (platform) => {
      const account = await createConsoleScope(platform).account(idOrEmail)
      const { id, role, status, emailVerifiedAt, createdAt } = account
      const day = (time: number) => new Date(time).toISOString()
      const text = `id        ${id}
role      ${role}
status    ${status}
verified  ${emailVerifiedAt === null ? 'no' : day(emailVerifiedAt)}
created   ${day(createdAt)}`
      return { data: account, text }
    }),
  )
}
