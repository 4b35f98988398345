import { and, eq, gte, inArray, lte } from 'drizzle-orm'
import { minute } from '../clock.ts'
import { idempotencyKeys } from '../store/schema.ts'
import type { Writing } from './write-rows.ts'

/** From the claim of an Idempotency-Key to the start of the run that it is for, with much to spare. */
const longestLead = minute

/**
 * Wipes the answers that were kept for Idempotency-Keys of the user's requests just before `startedAt`: a run that is
 * deleted must not live on in the answer that told of it, nor in one that is about to be kept. The keys themselves stay, so that a late repetition gets
 * IDEMPOTENCY_NOT_REPLAYABLE and causes no second run.
 */
export async function forgetAnswers({ db, userId }: Writing, startedAt: number): Promise<void> {
  const nothing = { bodyKeyVersion: null, bodyIv: null, bodyTag: null, bodyCiphertext: null }
  await db
    .update(idempotencyKeys)
    .set({ state: 'forgotten', status: null, contentType: null, ...nothing })
    .where(
      and(
        eq(idempotencyKeys.userId, userId),
        inArray(idempotencyKeys.state, ['answered', 'running']),
        gte(idempotencyKeys.createdAt, startedAt - longestLead),
        lte(idempotencyKeys.createdAt, startedAt),
      ),
    )
}
