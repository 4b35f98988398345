import { join } from 'node:path'
import { checkpointFile, checkpointKey } from '../audit/checkpoint.ts'
import type { Actor } from '../audit/events.ts'
import { readCheckpoints } from '../audit/read-checkpoints.ts'
import { type Verdict, verifyChains } from '../audit/verify-chain.ts'
import type { Deletion } from '../deletions/deletion.ts'
import { type Reapplied, reapplyDeletions } from '../deletions/reapply.ts'
import { OortError } from '../errors.ts'
import { newId, type UserId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { createUserScope } from '../scope/user-scope.ts'
import { endSessions } from '../session/end-sessions.ts'
import { sessions } from '../store/schema.ts'
import { compact } from '../store/sqlite/compact.ts'

export interface Settled {
  readonly reapplied: Reapplied
  /** How many accounts had sessions in the copy: all of them are ended. */
  readonly signedOut: number
  /** Of the audit log after all that. */
  readonly chain: Verdict
  /** False where traces of what was deleted again are left, and there was no room to compact the database. */
  readonly erased: boolean
}

/**
 * Makes of a copy of the past what may be used again: what was deleted since is deleted again, and nobody is signed in,
 * since a session that was ended meanwhile would be alive. Then the whole audit log is verified against its
 * checkpoints.
 */
export async function settleRestored(platform: Platform, deletions: AsyncIterable<Deletion>): Promise<Settled> {
  const { store, keyring } = insideOf(platform)
  const reapplied = await reapplyDeletions(platform, deletions)
  const signedOut = await endEverySession(platform)
  const untouched = signedOut === 0 && Object.keys(reapplied).length === 0
  const erased = untouched || (await store.eraseTraces()) || (await compacted(platform))
  const file = join(platform.config.dataDir, checkpointFile)
  const chain = await verifyChains(store.read, keyring, await readCheckpoints(file, checkpointKey(keyring)))
  return { reapplied, signedOut, chain, erased }
}

/** For tables that are too large to be rewritten by themselves. */
async function compacted(platform: Platform): Promise<boolean> {
  try {
    return (await compact(platform, systemActor(platform))).bytesErased
  } catch (error) {
    if (error instanceof OortError && error.code === 'CONFLICT') return false
    throw error
  }
}

function systemActor(platform: Platform): Actor {
  return { kind: 'system', id: platform.instanceId, requestId: newId('request') }
}

/** Users whose sessions end in one commit. */
const atOnce = 100

async function endEverySession(platform: Platform): Promise<number> {
  const { store, keyring, clock } = insideOf(platform)
  const found = await store.read.selectDistinct({ userId: sessions.userId }).from(sessions)
  const end = ({ userId }: { readonly userId: UserId }): Promise<number> => {
    const event = { type: 'user.sessions_ended', reason: 'security' } as const
    return createUserScope({ store, keyring, clock }, userId, systemActor(platform)).write(async (tx) => {
      await endSessions(tx)
      return tx.updateProfile({ endSessions: true }, event)
    })
  }
  for (let at = 0; at < found.length; at += atOnce) await Promise.all(found.slice(at, at + atOnce).map(end))
  return found.length
}
