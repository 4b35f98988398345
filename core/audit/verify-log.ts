import { join } from 'node:path'
import { insideOf, type Platform } from '../platform.ts'
import type { AdminScope } from '../scope/admin-scope.ts'
import { checkpointFile, checkpointKey } from './checkpoint.ts'
import { readCheckpoints } from './read-checkpoints.ts'
import { type Verdict, verifyChains } from './verify-chain.ts'

/**
 * Verifies every chain against the checkpoints beside the database: eight seconds for a million rows, during which other
 * requests are served. `_admin` is the caller's proof of being an administrator.
 */
export async function verifyLog(platform: Platform, _admin: AdminScope): Promise<Verdict> {
  const { store, keyring } = insideOf(platform)
  const file = join(store.folder, checkpointFile)
  return verifyChains(store.read, keyring, await readCheckpoints(file, checkpointKey(keyring)))
}
