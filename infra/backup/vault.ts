import { createHash, createSecretKey, type KeyObject } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import type { BackupConfig } from '../../core/backup/backup-config.ts'
import { type Manifest, manifest } from '../../core/backup/manifest.ts'
import { type Bytes, openStream, sealStream } from '../../core/crypto/sealed-stream.ts'
import { OortError } from '../../core/errors.ts'
import { BackupError } from './backup-error.ts'
import { nameOf } from './object-names.ts'
import { openTarget } from './open-target.ts'
import type { Target } from './target.ts'

/** What of a plain file shows that it came through whole. */
export interface Measure {
  readonly bytes: number
  readonly sha256: string
}

/**
 * The target with what makes its owner unable to read or to change anything: all that goes in is compressed, then
 * sealed under the backup key and the object's own name.
 */
export interface Vault {
  readonly target: Target
  /** Sends a file; answers its measure. */
  sendFile(name: string, path: string): Promise<Measure>
  send(name: string, plain: Bytes): Promise<void>
  /** Fetches an object into a new file; answers the measure of what it was. Throws BackupError. */
  fetchFile(name: string, path: string): Promise<Measure>
  /** The plain bytes, to be trusted when they have ended. Throws BackupError. */
  fetch(name: string): AsyncGenerator<Buffer>
  /** Throws BackupError for a backup that is not there or was changed. */
  manifest(id: string): Promise<Manifest>
}

export async function openVault({ key: secret, target: place }: BackupConfig): Promise<Vault> {
  return vaultOn(await openTarget(place), secret)
}

/** SHA-256 suffices: `refuseWeakSecret` keeps guessable secrets out. */
export function vaultOn(target: Target, secret: string): Vault {
  const key: KeyObject = createSecretKey(createHash('sha256').update(secret, 'utf8').digest())

  async function send(name: string, plain: Bytes): Promise<void> {
    await pipeline(plain, createZstdCompress(), sealStream(key, name), (sealed) => target.put(name, sealed))
  }

  async function* fetch(name: string): AsyncGenerator<Buffer> {
    try {
      const opened = openStream(key, name)(await target.get(name))
      // A pipeline whose end is read elsewhere: what fails in it must fail there.
      const unpacked = createZstdDecompress()
      const whole = pipeline(opened, unpacked)
      whole.catch(() => undefined)
      yield* unpacked
      await whole
    } catch (error) {
      throw explain(name, error)
    }
  }

  return {
    target,
    send,
    fetch,
    async sendFile(name, path) {
      const meter = createMeter()
      await send(name, meter.pass(createReadStream(path)))
      return meter.read()
    },
    async fetchFile(name, path) {
      const meter = createMeter()
      await pipeline(meter.pass(fetch(name)), createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }))
      return meter.read()
    },
    async manifest(id) {
      const name = nameOf(id, 'manifest')
      const text = (await buffer(fetch(name))).toString('utf8')
      const found = manifest.safeParse(JSON.parse(text))
      if (!found.success || found.data.id !== id) throw new BackupError(`${name} is not one that this version can read`)
      return found.data
    },
  }
}

function explain(name: string, error: unknown): unknown {
  if (error instanceof OortError && error.code === 'DECRYPTION_FAILED') {
    return new BackupError(`${name} was changed, or sealed under another OORT_BACKUP_KEY`)
  }
  if (error instanceof Error && error.name === 'ObjectMissing') return new BackupError(`${name} is not there`)
  return error
}

/** Measures what passes. */
function createMeter() {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    async *pass(source: Bytes) {
      for await (const some of source) {
        hash.update(some)
        bytes += some.length
        yield some
      }
    },
    read: (): Measure => ({ bytes, sha256: hash.digest('hex') }),
  }
}
