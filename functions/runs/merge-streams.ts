import { once } from 'node:events'
import { PassThrough, type Readable } from 'node:stream'

/**
 * One stream of what several give, piece by piece as it comes. None is read faster than the reader reads. When the
 * reader leaves, all are ended; it ends when the last of them does.
 */
export function mergeStreams(streams: readonly AsyncGenerator<Buffer | string>[]): Readable {
  const merged = new PassThrough()
  const copy = async (stream: AsyncGenerator<Buffer | string>): Promise<void> => {
    for await (const piece of stream) {
      if (merged.destroyed) return
      if (!merged.write(piece)) await once(merged, 'drain', { signal: gone.signal })
    }
  }
  const gone = new AbortController()
  merged.once('close', () => gone.abort())
  Promise.all(streams.map(copy)).then(
    () => merged.end(),
    (error: Error) => merged.destroy(error),
  )
  return merged
}
