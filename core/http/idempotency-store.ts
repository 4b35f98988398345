import { and, eq, lt } from 'drizzle-orm'
import { day } from '../clock.ts'
import { contextOf } from '../crypto/context-of.ts'
import { OortError } from '../errors.ts'
import type { Id, UserId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { isSilent } from '../store/instances.ts'
import { idempotencyKeys, instances } from '../store/schema.ts'
import { packSealed, unpackOptionalSealed } from '../store/sealed-row.ts'
import type { Db } from '../store/store.ts'

export interface Attempt {
  readonly id: Id<'idempotency'>
  readonly userId: UserId
}

interface Claim {
  /** What is then held. */
  readonly attempt: Attempt
  readonly keyHash: Buffer
  readonly fingerprint: Buffer
}

interface Replay {
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
}

const lifetime = day

/**
 * Claims a key, or finds what it was answered; undefined once it is claimed. Throws the three refusals that `answerOnce`
 * lists.
 */
export async function startAttempt(
  platform: Platform,
  { attempt, keyHash, fingerprint }: Claim,
): Promise<Replay | undefined> {
  const { store, keyring, clock } = insideOf(platform)
  const { userId } = attempt
  const now = clock()
  return store.write(async (db) => {
    await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, now - lifetime))
    const [found] = await db
      .select()
      .from(idempotencyKeys)
      .where(and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.keyHash, keyHash)))
    if (found !== undefined) {
      if (!found.fingerprint.equals(fingerprint)) throw new OortError('IDEMPOTENCY_KEY_REUSED')
      if (found.state === 'too_large' || found.state === 'forgotten') throw new OortError('IDEMPOTENCY_NOT_REPLAYABLE')
      const sealed = unpackOptionalSealed(found, 'body')
      if (found.state === 'answered' && sealed !== null && found.status !== null && found.contentType !== null) {
        const { status, contentType } = found
        return { status, contentType, body: keyring.open(sealed, contextOf('idempotency_keys', 'body', found)) }
      }
      if (await isAlive(db, found.instanceId, now)) throw new OortError('IDEMPOTENCY_IN_PROGRESS', { retryAfter: 1 })
      await db.delete(idempotencyKeys).where(eq(idempotencyKeys.id, found.id))
    }
    const { instanceId } = platform
    const row = { ...attempt, keyHash, fingerprint, state: 'running', instanceId, createdAt: now } as const
    await db.insert(idempotencyKeys).values(row)
    return undefined
  })
}

/**
 * Keeps the answer, sealed; without a body it was too large to be answered again. One that was to be forgotten meanwhile,
 * as its run was deleted, is not kept.
 */
export async function finishAttempt(
  platform: Platform,
  attempt: Attempt,
  answer: { readonly status: number; readonly headers: { readonly 'content-type': string } },
  body: Buffer | undefined,
): Promise<void> {
  const { store, keyring } = insideOf(platform)
  const outcome =
    body === undefined
      ? { state: 'too_large' as const }
      : {
          state: 'answered' as const,
          status: answer.status,
          contentType: answer.headers['content-type'],
          ...packSealed('body', keyring.seal(body, contextOf('idempotency_keys', 'body', attempt))),
        }
  await store.write(async (db) => {
    await db
      .update(idempotencyKeys)
      .set(outcome)
      .where(
        and(
          eq(idempotencyKeys.id, attempt.id),
          eq(idempotencyKeys.userId, attempt.userId),
          eq(idempotencyKeys.state, 'running'),
        ),
      )
  })
}

/** Forgets an attempt that failed. */
export async function releaseAttempt(platform: Platform, attempt: Attempt): Promise<void> {
  await insideOf(platform).store.write(async (db) => {
    await db
      .delete(idempotencyKeys)
      .where(and(eq(idempotencyKeys.id, attempt.id), eq(idempotencyKeys.userId, attempt.userId)))
  })
}

async function isAlive(db: Db, instanceId: Id<'instance'>, now: number): Promise<boolean> {
  const [instance] = await db.select().from(instances).where(eq(instances.id, instanceId))
  return instance !== undefined && !isSilent(instance, now)
}
