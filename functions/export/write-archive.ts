import { createHash } from 'node:crypto'
import { Readable, Transform } from 'node:stream'
import { ZipFile } from 'yazl'
import type { ExportSigner } from '../../core/export/signer.ts'
import { verifierSource } from '../../core/export/verifier-source.ts'
import { formatSums, type Manifest, type ManifestFile, seals } from '../../core/export/verify.mjs'
import type { Id } from '../../core/ids.ts'
import type { ScopedReads } from '../../core/scope/user-scope.ts'
import { readme } from './readme.ts'
import { sections } from './sections/all.ts'
import type { Page } from './sections/in-pages.ts'
import type { Moment } from './sections/section.ts'

export interface ArchiveParts {
  readonly scope: ScopedReads
  readonly exportId: Id<'export'>
  readonly moment: Moment
  readonly signer: ExportSigner
  /** Called with the rows of each page that was read. */
  readonly onRows: (rows: number) => void
  /** Called with the length of each piece of the archive. */
  readonly onBytes: (bytes: number) => void
  /** Called after the last row and before anything is signed: its error leaves the archive without a manifest. */
  readonly beforeSealing: () => Promise<void>
}

type Chunks = AsyncIterable<string | Uint8Array>

/**
 * The archive as a stream that is made as it is read: a page of rows is read when the reader has taken the one before,
 * and nothing is kept. The files' sums are known last, so the manifest and its signature come at the end. An error
 * destroys the stream, and destroying the stream stops the reading.
 */
export function writeArchive(parts: ArchiveParts): Readable {
  const { scope, moment, signer, onBytes, beforeSealing } = parts
  const zip = new ZipFile()
  // yazl closes nothing when its reader is gone: what it pipes from is ended here.
  const out = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length)
      done(null, chunk)
    },
  })
  const fail = (error: Error) => out.destroy(error)
  let source: Readable | undefined
  const add = (name: string, chunks: () => Chunks): void => {
    zip.addReadStreamLazy(name, { mtime: new Date(moment.madeAt) }, (pump) => {
      source = Readable.from(chunks(), { objectMode: false, highWaterMark: 1 })
      source.once('error', fail)
      pump(null, source)
    })
  }

  const listed: ManifestFile[] = []
  const text = readme({ account: scope.userId, madeAt: moment.madeAt, fingerprint: signer.fingerprint })
  add('README.txt', () => summed('README.txt', text, listed))
  add('verify.mjs', () => summed('verify.mjs', verifierSource(), listed))
  add('public-key.pem', () => summed('public-key.pem', signer.publicKey, listed))
  for (const { file, pages } of sections) add(file, () => summedRows(file, pages(scope, moment), listed, parts.onRows))

  let manifest = Buffer.alloc(0)
  add(seals.manifest, async function* () {
    await beforeSealing()
    manifest = Buffer.from(formatManifest(parts, listed))
    yield manifest
  })
  add(seals.signature, async function* () {
    yield signer.sign(manifest)
  })
  add(seals.sums, async function* () {
    const sealed = { [seals.manifest]: manifest, [seals.signature]: signer.sign(manifest) }
    const sums = Object.entries(sealed).map(([name, bytes]) => ({ name, sha256: sha256(bytes) }))
    yield formatSums([...listed, ...sums])
  })
  out.once('close', () => source?.destroy())
  zip.once('error', fail)
  zip.outputStream.pipe(out)
  zip.end()
  return out
}

function formatManifest({ scope, exportId, moment, signer }: ArchiveParts, files: readonly ManifestFile[]): string {
  const manifest: Manifest = {
    format: 'oort-export/1',
    account: scope.userId,
    export: exportId,
    madeAt: new Date(moment.madeAt).toISOString(),
    publicKey: signer.publicKey,
    audit: moment.audit,
    files,
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** Passes a text on and lists it for the manifest. */
async function* summed(name: string, text: string | Buffer, listed: ManifestFile[]): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  listed.push({ name, sha256: sha256(bytes), bytes: bytes.length, rows: null })
  yield bytes
}

/** Passes rows on and lists their file for the manifest once it is complete. */
async function* summedRows(
  name: string,
  pages: AsyncIterable<Page>,
  listed: ManifestFile[],
  onRows: (rows: number) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let bytes = 0
  let rows = 0
  for await (const page of pages) {
    hash.update(page.bytes)
    bytes += page.bytes.length
    rows += page.rows
    onRows(page.rows)
    yield page.bytes
  }
  listed.push({ name, sha256: hash.digest('hex'), bytes, rows })
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
