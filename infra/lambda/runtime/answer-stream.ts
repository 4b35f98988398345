import { Writable } from 'node:stream'
import { errorBodyHeader, errorTypeHeader, failureOf, type RuntimeApi, type Sending } from './runtime-api.ts'

/**
 * Where a handler writes the answer to an invocation, piece by piece. One that is cut is told so in trailers, as its
 * beginning is already with the caller; one that fails before it began is an error like any other.
 */
export class AnswerStream extends Writable {
  /** Of what is written. To be set before that. */
  contentType = 'application/octet-stream'
  /** Answers when Lambda has taken what came of it. */
  readonly settled: Promise<void>
  readonly #api: RuntimeApi
  readonly #id: string
  #sending: Sending | undefined

  constructor(api: RuntimeApi, id: string) {
    super()
    this.#api = api
    this.#id = id
    let failure: Error | undefined
    this.on('error', (error) => {
      failure = error
    })
    this.settled = new Promise<void>((resolve) => this.once('close', resolve)).then(
      () => this.#sending?.taken ?? api.fail(id, failure),
    )
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#begin().write(chunk, encoding, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#begin().end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const request = this.#sending?.request
    if (error !== null && request !== undefined && !request.writableEnded && !request.destroyed) {
      const failure = failureOf(error)
      request.addTrailers({
        [errorTypeHeader]: failure.errorType,
        [errorBodyHeader]: Buffer.from(JSON.stringify(failure)).toString('base64'),
      })
      request.end()
    }
    done(error)
  }

  #begin() {
    if (this.#sending === undefined) {
      this.#sending = this.#api.stream(this.#id, this.contentType)
      this.#sending.request.on('error', (error) => this.destroy(error))
    }
    return this.#sending.request
  }
}
