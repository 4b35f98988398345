import { Command } from 'commander'
import { consoleActor } from '../../../core/scope/console-scope.ts'
import { compact } from '../../../core/store/sqlite/compact.ts'
import { answering } from '../answering.ts'
import { demandSqlite, withPlatform } from '../with-platform.ts'

/** `oort compact`: writes the database anew, so that nothing of what was deleted is left in it. */
export function compactDatabase(): Command {
  const command = new Command('compact').summary('write the database anew, without what was deleted').description(
    `Writes the database anew, without any trace of what was deleted, and gives free space back. Oort may run meanwhile:
reads go on, writes wait about a second for each 200 MB and are refused (503) after 10 seconds.
Takes as much free memory, and as much free disk, as the database is large.`,
  )
  return answering(command, () =>
    withPlatform(async (platform) => {
      demandSqlite(platform.config, 'Its own VACUUM does this, by itself.')
      const receipt = await compact(platform, consoleActor())
      const { bytesBefore, bytesAfter, bytesErased } = receipt
      const size = `${bytesBefore} bytes before, ${bytesAfter} after.`
      const text = bytesErased ? size : `${size}\nA reader held the write-ahead log: run this again.`
      return { data: receipt, text, ok: bytesErased }
    }),
  )
}
