import { checkpointFile } from './checkpoint.ts'
import type { Verdict } from './verify-chain.ts'

/** A verdict in one line, for people. */
export function describeVerdict(verdict: Verdict): string {
  if (verdict.intact) {
    const { rows, chains, unwitnessed } = verdict
    return `${rows} entries in ${chains} chains, ${unwitnessed} of them newer than the last checkpoint`
  }
  if (verdict.fault === 'checkpoint_broken') {
    return `line ${verdict.line} of ${checkpointFile} is not signed by this database, or out of order`
  }
  return `entry ${verdict.seq} of the chain of ${verdict.subjectId}: ${verdict.fault}`
}
