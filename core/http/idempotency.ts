import { PassThrough, Readable } from 'node:stream'
import { OortError } from '../errors.ts'
import { newId } from '../ids.ts'
import { insideOf, type Platform } from '../platform.ts'
import { writeAtLast } from '../store/write-at-last.ts'
import { type Attempt, finishAttempt, releaseAttempt, startAttempt } from './idempotency-store.ts'
import { type Access, type Answer, bytes, type Call, type Operation, type OperationSchema } from './operation.ts'

type BytesAnswer = Answer & { readonly kind: 'bytes' }

interface Request {
  readonly key: string
  readonly operation: Operation
  readonly call: Call<Access, OperationSchema>
  work(): Promise<Answer>
  toBytes(answer: Answer): BytesAnswer
}

/** A UUID or any other token of visible ASCII. */
const keyShape = /^[\x21-\x7e]{1,255}$/
const largestReplay = 1_024 * 1_024

/**
 * Does the work of a request at most once for its Idempotency-Key, for a day. The same key and body are answered
 * again with the first answer's very bytes; another body gets IDEMPOTENCY_KEY_REUSED (422), a repetition while the
 * first still runs IDEMPOTENCY_IN_PROGRESS (409), and one of an answer over 1 MiB IDEMPOTENCY_NOT_REPLAYABLE (409).
 * A request that failed is forgotten, so that it can be tried again, and so is a stream that ends with a failure.
 * Source: draft-ietf-httpapi-idempotency-key-header-07.
 */
export async function answerOnce(platform: Platform, request: Request): Promise<Answer> {
  const { key, operation, call } = request
  if (!keyShape.test(key)) throw new OortError('IDEMPOTENCY_KEY_INVALID')
  const { identity } = call
  if (identity === undefined) throw new OortError('UNAUTHENTICATED')
  const parts = insideOf(platform)
  const place = JSON.stringify([call.params ?? null, call.query ?? null])
  const attempt: Attempt = { id: newId('idempotency'), userId: identity.userId }
  const replay = await startAttempt(platform, {
    attempt,
    keyHash: parts.keyring.blindIndex('idempotency-key', key),
    fingerprint: parts.keyring.mac(
      'idempotency-body',
      Buffer.concat([Buffer.from(`${operation.method} ${operation.url} ${place}\n`), call.rawBody]),
    ),
  }).catch(async (error: unknown) => {
    // It may be claimed all the same.
    if (error instanceof OortError && error.code === 'STORE_UNAVAILABLE') await release(platform, attempt)
    throw error
  })
  if (replay !== undefined) {
    return bytes(replay.status, replay.contentType, replay.body, { 'idempotency-replayed': 'true' })
  }
  const answer = await request
    .work()
    .then((made) => request.toBytes(made))
    .catch(async (error: unknown) => {
      await release(platform, attempt)
      throw error
    })
  if (answer.body instanceof Readable) return { ...answer, body: remember(platform, attempt, answer, answer.body) }
  await keep(platform, attempt, answer, answer.body)
  return answer
}

/** What stays claimed by a process that lives is refused for a day. */
async function release(platform: Platform, attempt: Attempt): Promise<void> {
  await writeAtLast(
    () => releaseAttempt(platform, attempt),
    (error) => platform.log.error({ err: error }, 'an Idempotency-Key could not be set free'),
  )
}

/** The work is done and its answer goes out, kept or not. Until it is kept, nothing is done for the key again. */
async function keep(platform: Platform, attempt: Attempt, answer: BytesAnswer, body: Buffer | undefined) {
  await writeAtLast(
    () => finishAttempt(platform, attempt, answer, body),
    (error) => platform.log.error({ err: error }, 'the answer for an Idempotency-Key could not be kept'),
  )
}

/**
 * Passes a stream on as it comes and keeps a copy, up to the size that can be answered again. Work that outlives its
 * caller is read to its end without one.
 */
function remember(platform: Platform, attempt: Attempt, answer: BytesAnswer, source: Readable): Readable {
  const { outlivesCaller = false, failed = () => false } = answer.work ?? {}
  const copy = copyOf(source)
  let settled: Promise<void> | undefined
  const forget = () => {
    settled ??= release(platform, attempt)
    return settled
  }
  const settle = (whole: boolean) => {
    settled ??= keep(platform, attempt, answer, whole ? copy() : undefined)
    return settled
  }
  const atEnd = () => (failed() ? forget() : settle(true))
  const passing = new PassThrough({
    flush(done) {
      atEnd().then(() => done(), done)
    },
    destroy(error, done) {
      if (outlivesCaller && source.errored === null) {
        source.unpipe(passing)
        if (source.readableEnded) void atEnd()
        else if (source.destroyed) void settle(false)
        else source.once('end', () => void atEnd()).resume()
        return done(error)
      }
      source.destroy()
      forget().then(
        () => done(error),
        () => done(error),
      )
    },
  })
  source.on('error', (error) => passing.destroy(error))
  source.on('close', () => {
    if (!source.readableEnded) passing.destroy(new Error('the answer broke off'))
  })
  return source.pipe(passing)
}

/** Reads along; answers what came by, or undefined where that is too much to be answered again. */
function copyOf(source: Readable): () => Buffer | undefined {
  let kept: Buffer[] | undefined = []
  let size = 0
  source.on('data', (chunk: Buffer | string) => {
    size += chunk.length
    if (size > largestReplay) kept = undefined
    kept?.push(Buffer.from(chunk))
  })
  return () => (kept === undefined ? undefined : Buffer.concat(kept))
}
