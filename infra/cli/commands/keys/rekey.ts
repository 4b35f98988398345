import { Command } from 'commander'
import { insideOf, type Platform } from '../../../../core/platform.ts'
import { consoleActor } from '../../../../core/scope/console-scope.ts'
import { countByVersion } from '../../../../core/store/count-by-version.ts'
import { type RekeyReceipt, rekey } from '../../../../core/store/rekey.ts'
import { answering, type Outcome } from '../../answering.ts'
import { showProgress } from '../../progress.ts'
import { withPlatform } from '../../with-platform.ts'

/** `oort keys rekey`: seals everything anew under the new master key, and retires the old one. */
export function rekeyAll(): Command {
  const command = new Command('rekey').summary('seal everything anew under a new master key').description(
    `Seals everything anew under the new master key, while Oort runs, and retires the old one:
  1. set the new key as BYOK_MASTER_KEY and the old one as BYOK_MASTER_KEY_PREVIOUS
  2. start every process anew
  3. run this, as often as it is broken off
  4. remove BYOK_MASTER_KEY_PREVIOUS`,
  )
  return answering(command, () =>
    withPlatform(async (platform) => {
      const progress = showProgress('rows sealed anew', await countRows(platform))
      try {
        return outcomeOf(await rekey(platform, consoleActor(), { onRows: progress.add }))
      } finally {
        progress.end()
      }
    }),
  )
}

/** About as many rows as there are to do: the values of the table's most common name. */
async function countRows(platform: Platform): Promise<number> {
  const { store, keyring } = insideOf(platform)
  const most = new Map<string, number>()
  for (const { table, version, count } of await countByVersion(store.read)) {
    if (version !== keyring.currentVersion) most.set(table, Math.max(count, most.get(table) ?? 0))
  }
  return [...most.values()].reduce((sum, count) => sum + count, 0)
}

function outcomeOf(receipt: RekeyReceipt): Outcome {
  const { version, rows, unopened, retired, bytesErased } = receipt
  const lines = [
    `${rows} rows sealed anew under version ${version}.`,
    ...retired.map((old) => `Version ${old} is retired: remove BYOK_MASTER_KEY_PREVIOUS.`),
    ...unopened.map(({ table, value, id }) => `NOT OPENED  ${table}.${value} of ${id}`),
    ...(unopened.length > 0 ? ['Values that no key opens keep the old version from being retired.'] : []),
    ...(bytesErased ? [] : ['What the old key sealed may have left copies in the file: run `oort compact`.']),
  ]
  return { data: receipt, text: lines.join('\n'), ok: unopened.length === 0 }
}
