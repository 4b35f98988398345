import { join } from 'node:path'
import { Command } from 'commander'
import { checkpointFile, checkpointKey } from '../../../../core/audit/checkpoint.ts'
import { describeVerdict } from '../../../../core/audit/describe-verdict.ts'
import { readCheckpoints } from '../../../../core/audit/read-checkpoints.ts'
import { verifyChains } from '../../../../core/audit/verify-chain.ts'
import { insideOf } from '../../../../core/platform.ts'
import { answering } from '../../answering.ts'
import { withPlatform } from '../../with-platform.ts'

/** `oort audit verify`: follows every chain and compares it with the checkpoints beside the database. */
export function verifyAudit(): Command {
  const command = new Command('verify')
    .summary('verify the audit log')
    .description(
      'Follows every chain of the audit log and compares it with the signed checkpoints outside the database.',
    )
  return answering(command, () =>
    withPlatform(async (platform) => {
      const { store, keyring } = insideOf(platform)
      const file = join(platform.config.dataDir, checkpointFile)
      const checkpoints = await readCheckpoints(file, checkpointKey(keyring))
      const verdict = await verifyChains(store.read, keyring, checkpoints)
      const { lines, last } = checkpoints
      const text = `${verdict.intact ? 'INTACT' : 'NOT INTACT'}  ${describeVerdict(verdict)}`
      return { data: { ...verdict, checkpoints: { lines, last } }, text, ok: verdict.intact }
    }),
  )
}
