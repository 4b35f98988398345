import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { type ArtefactFile, bytesOf } from './artefact.ts'

export interface Zipped {
  readonly bytes: number
  readonly sha256: string
}

/** Before the first day that the format can tell, of which every entry is then: in any time zone the same bytes. */
const noTime = new Date(0)

/**
 * Writes an artefact as a zip file. The same files give the same bytes, whatever their times, owners and order, so that
 * a digest tells whether a deployment is of these sources.
 */
export async function zip(files: readonly ArtefactFile[], to: string): Promise<Zipped> {
  const archive = new ZipFile()
  const sorted = [...files].sort((one, other) => (one.path < other.path ? -1 : 1))
  for (const file of sorted) {
    const mode = file.executable ? 0o100755 : 0o100644
    archive.addBuffer(await bytesOf(file), file.path, { mtime: noTime, mode, compressionLevel: 9 })
  }
  archive.end()
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(
    archive.outputStream,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        bytes += chunk.length
        yield chunk
      }
    },
    createWriteStream(to),
  )
  return { bytes, sha256: hash.digest('hex') }
}
