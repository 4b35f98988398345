// @ts-check
// Checks an export of an Oort account, without a network and without trust in the server that made it.
// Each archive carries this file, so it needs nothing but Node 20 or later. With the archive unpacked:
//   node verify.mjs [folder] [--key <fingerprint of the signing key>]
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, realpathSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * @typedef {object} Archive
 * @property {readonly string[]} names of every file, one that is there twice twice
 * @property {(name: string) => AsyncIterable<Uint8Array>} open
 *
 * @typedef {object} ManifestFile
 * @property {string} name
 * @property {string} sha256 in hexadecimal
 * @property {number} bytes
 * @property {number | null} rows lines of NDJSON; null for any other text
 *
 * @typedef {object} Manifest
 * @property {'oort-export/1'} format
 * @property {string} account
 * @property {string} export
 * @property {string} madeAt ISO 8601, UTC
 * @property {string} publicKey of the key that signed, as PEM (SPKI)
 * @property {{ readonly entries: number, readonly head: string }} audit the length of the audit chain and its last hash
 * @property {readonly ManifestFile[]} files all but manifest.json, manifest.sig and SHA256SUMS
 *
 * @typedef {'file_missing' | 'file_altered' | 'file_unreadable' | 'file_unlisted' | 'file_doubled' | 'manifest_altered'
 *   | 'signature_altered' | 'sums_altered' | 'key_foreign' | 'audit_broken'} FaultKind
 *
 * @typedef {{ readonly kind: FaultKind, readonly file: string, readonly detail: string }} Fault
 *
 * @typedef {object} Verdict
 * @property {readonly Fault[]} faults none in an intact archive
 * @property {Manifest} [manifest] given once its signature was found right
 * @property {string} [fingerprint] of the key that signed it
 */

/** The files that come after all others and vouch for them. */
export const seals = { manifest: 'manifest.json', signature: 'manifest.sig', sums: 'SHA256SUMS' }
const auditFile = 'audit.ndjson'
/** No seal is longer; an archive made to fill memory stops here. */
const sealBytes = 1_048_576

/** The SHA-256 of a public key (SPKI in DER), in hexadecimal. @type {(pem: string) => string} */
export function fingerprintOf(pem) {
  return createHash('sha256')
    .update(createPublicKey(pem).export({ format: 'der', type: 'spki' }))
    .digest('hex')
}

/**
 * The lines of SHA256SUMS, as `sha256sum --check` reads them.
 * @type {(files: readonly { readonly name: string, readonly sha256: string }[]) => string}
 */
export function formatSums(files) {
  return files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('')
}

/**
 * Finds every file that is not as it was signed. Without `key` (a fingerprint) it cannot tell a forger, who signs with
 * a key of their own: compare the verdict's fingerprint with the one that the server tells. Throws nothing for a
 * damaged archive.
 * @param {Archive} archive
 * @param {{ readonly key?: string | undefined }} [options]
 * @returns {Promise<Verdict>}
 */
export async function verifyExport(archive, { key } = {}) {
  const [text, signature, sums] = await Promise.all(Object.values(seals).map((name) => readSeal(archive, name)))
  if (text === undefined || signature === undefined || sums === undefined) {
    const lost = Object.values(seals).filter((_, at) => [text, signature, sums][at] === undefined)
    return { faults: lost.map((name) => unreadable(archive, name)) }
  }
  const manifest = parseSigned(text, signature)
  if (manifest === undefined) {
    // Both are silent on which of them was changed; the sums are a witness.
    const vouched = sums.includes(formatSums([{ name: seals.manifest, sha256: sha256(text) }]))
    const detail = 'the signature does not fit'
    if (vouched) return { faults: [fault('signature_altered', seals.signature, detail)] }
    return { faults: [fault('manifest_altered', seals.manifest, detail)] }
  }

  const faults = []
  const fingerprint = fingerprintOf(manifest.publicKey)
  if (key !== undefined && key.toLowerCase() !== fingerprint) {
    faults.push(fault('key_foreign', seals.manifest, `signed by the key ${fingerprint}, which is not the one expected`))
  }
  const listed = [
    ...manifest.files,
    { name: seals.manifest, sha256: sha256(text) },
    { name: seals.signature, sha256: sha256(signature) },
  ]
  if (!sums.equals(Buffer.from(formatSums(listed)))) {
    faults.push(fault('sums_altered', seals.sums, 'does not say what the manifest says'))
  }
  for (const file of manifest.files) faults.push(...(await checkFile(archive, file, manifest)))
  faults.push(...strangers(archive, [...listed.map(({ name }) => name), seals.sums]))
  return { faults, manifest, fingerprint }
}

/** @type {(text: Buffer, signature: Buffer) => Manifest | undefined} */
function parseSigned(text, signature) {
  try {
    /** @type {Manifest} */
    const manifest = JSON.parse(text.toString('utf8'))
    const key = createPublicKey(manifest.publicKey)
    if (key.asymmetricKeyType !== 'ed25519' || !verify(null, text, key, signature)) return undefined
    const listed = manifest.files.every(({ name, sha256: sum }) => typeof name === 'string' && typeof sum === 'string')
    return listed && manifest.audit && manifest.format === 'oort-export/1' ? manifest : undefined
  } catch {
    return undefined
  }
}

/** @type {(archive: Archive, file: ManifestFile, manifest: Manifest) => Promise<Fault[]>} */
async function checkFile(archive, file, manifest) {
  const { name } = file
  if (!archive.names.includes(name)) return [unreadable(archive, name)]
  const hash = createHash('sha256')
  const chain = name === auditFile ? followChain(manifest.audit) : undefined
  let bytes = 0
  let rows = 0
  try {
    for await (const chunk of archive.open(name)) {
      bytes += chunk.length
      // A file made to be endless is not read to its end.
      if (bytes > file.bytes) break
      hash.update(chunk)
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) rows += 1
      chain?.take(chunk)
    }
  } catch {
    return [unreadable(archive, name)]
  }
  if (bytes > file.bytes)
    return [fault('file_altered', name, `is longer than the ${file.bytes} bytes that were signed`)]
  if (file.rows !== null && rows !== file.rows) {
    return [fault('file_altered', name, `holds ${rows} rows instead of ${file.rows}`)]
  }
  if (hash.digest('hex') !== file.sha256) {
    return [fault('file_altered', name, `its ${bytes} bytes are not the ${file.bytes} that were signed`)]
  }
  const broken = chain?.end()
  return broken === undefined ? [] : [fault('audit_broken', name, broken)]
}

/**
 * Follows the links of the audit chain: entries numbered without a gap, each naming the hash of the one before. The
 * hashes are keyed (HMAC): that an entry has the right hash, only the server's operator can work out.
 * @param {Manifest['audit']} expected
 */
function followChain(expected) {
  const decoder = new TextDecoder()
  let rest = ''
  let seq = 0
  let head = '0'.repeat(64)
  /** @type {string | undefined} */
  let broken
  return {
    /** @param {Uint8Array} chunk */
    take(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (broken !== undefined) return
        seq += 1
        const entry = parseLine(line)
        if (entry.seq !== seq) broken = `entry ${seq} is missing: entry ${entry.seq} stands in its place`
        else if (entry.prev !== head) broken = `entry ${seq} does not follow the entry before it`
        head = entry.hash
      }
    },
    end() {
      if (broken !== undefined || (seq === expected.entries && head === expected.head)) return broken
      return `it ends at entry ${seq} and should at ${expected.entries}`
    },
  }
}

/** A line that was altered into no JSON is no entry: its file's sum tells of it. @param {string} line */
function parseLine(line) {
  try {
    return JSON.parse(line) ?? {}
  } catch {
    return {}
  }
}

/** Files that nobody signed for. @type {(archive: Archive, listed: readonly string[]) => Fault[]} */
function strangers({ names }, listed) {
  return names.flatMap((name, at) => {
    if (!listed.includes(name)) return [fault('file_unlisted', name, 'is not part of the export')]
    return names.indexOf(name) === at ? [] : [fault('file_doubled', name, 'is in the archive more than once')]
  })
}

/**
 * The bytes of a small file; undefined where it is absent, damaged or too long to be one.
 * @type {(archive: Archive, name: string) => Promise<Buffer | undefined>}
 */
async function readSeal({ names, open }, name) {
  if (!names.includes(name)) return undefined
  const chunks = []
  let bytes = 0
  try {
    for await (const chunk of open(name)) {
      bytes += chunk.length
      if (bytes > sealBytes) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

/** @type {(archive: Archive, name: string) => Fault} */
function unreadable({ names }, name) {
  if (!names.includes(name)) return fault('file_missing', name, 'is not in the archive')
  return fault('file_unreadable', name, 'its bytes cannot be unpacked')
}

/** @type {(kind: FaultKind, file: string, detail: string) => Fault} */
function fault(kind, file, detail) {
  return { kind, file, detail }
}

/** @param {Uint8Array} bytes */
function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * What to print of a verdict. `key` is the fingerprint that was asked for, if any.
 * @type {(verdict: Verdict, key: string | undefined) => string}
 */
export function describeVerdict({ faults, manifest, fingerprint }, key) {
  if (faults.length > 0 || manifest === undefined) {
    // Names come from whoever made the archive, and go to a terminal.
    const printable = (/** @type {string} */ name) => name.replaceAll(/[^ -~]/g, '?')
    return faults.map(({ kind, file, detail }) => `NOT INTACT  ${printable(file)}: ${detail} (${kind})\n`).join('')
  }
  const rows = manifest.files.reduce((sum, file) => sum + (file.rows ?? 0), 0)
  const facts = `${manifest.files.length} files, ${rows} rows, ${manifest.audit.entries} audit entries in one chain`
  const advice = 'Compare it with what the server tells at /api/export/signing-key, or pass it as --key.\n'
  return (
    `INTACT  ${facts}\nAccount ${manifest.account}, exported ${manifest.madeAt}\n` +
    `Signed by the key ${fingerprint}\n${key === undefined ? advice : ''}`
  )
}

/** An archive that was unpacked into a folder. @type {(folder: string) => Promise<Archive>} */
export async function openFolder(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory())
  const names = files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
  return {
    names: names.map((name) => name.split(sep).join('/')),
    open: (name) => createReadStream(join(folder, name)),
  }
}

/**
 * Reads `[place] [--key <fingerprint>]`; undefined for anything else.
 * @param {readonly string[]} args
 * @returns {{ readonly place: string | undefined, readonly key: string | undefined } | undefined}
 */
export function parseArguments(args) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { key: { type: 'string' } },
      allowPositionals: true,
    })
    if (positionals.length > 1 || !/^[0-9a-f]{64}$/i.test(values.key ?? '0'.repeat(64))) return undefined
    return { place: positionals[0], key: values.key }
  } catch {
    return undefined
  }
}

/** Exits with 0 for an intact archive, 1 for any other, 64 for arguments that make no sense. */
async function main() {
  const asked = parseArguments(process.argv.slice(2))
  if (asked === undefined) {
    process.stderr.write('Usage: node verify.mjs [folder] [--key <fingerprint>]\n')
    process.exit(64)
  }
  const archive = await openFolder(asked.place ?? dirname(fileURLToPath(import.meta.url)))
  const verdict = await verifyExport(archive, asked)
  process.stdout.write(describeVerdict(verdict, asked.key))
  process.exitCode = verdict.faults.length === 0 ? 0 : 1
}

const started = process.argv[1] ?? ''
if (basename(started) === 'verify.mjs' && realpathSync(started) === fileURLToPath(import.meta.url)) void main()
