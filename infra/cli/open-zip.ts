import { type Entry, openPromise } from 'yauzl'
import type { Archive } from '../../core/export/verify.mjs'

/** A zip file as an archive to verify. Entries are unpacked as they are read. Throws where it is no zip file. */
export async function openZip(path: string): Promise<Archive & { close(): void }> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false })
  const entries: Entry[] = []
  for await (const entry of zip.eachEntry()) entries.push(entry)
  return {
    names: entries.map(({ fileName }) => fileName),
    async *open(name) {
      const entry = entries.find(({ fileName }) => fileName === name)
      if (entry === undefined) throw new RangeError('not an entry of the archive')
      yield* await zip.openReadStreamPromise(entry)
    },
    close: () => zip.close(),
  }
}
