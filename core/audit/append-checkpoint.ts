import { createPublicKey } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Keyring } from '../crypto/keyring.ts'
import type { Log } from '../log.ts'
import { appendWhole, readLastLine, syncFolder } from '../store/append-only-file.ts'
import { countAppended, headsSince } from '../store/audit-rows.ts'
import type { Store } from '../store/store.ts'
import { type Checkpoint, checkpointKey, formatCheckpoint, hashLine, parseCheckpoint, toHeads } from './checkpoint.ts'

export interface CheckpointParts {
  readonly store: Store
  readonly keyring: Keyring
  readonly clock: Clock
  readonly log: Log
}

export interface Extent {
  /** The row up to which all are committed. */
  readonly upTo: number
  /** How many rows the line covers at most. */
  readonly most: number
}

/**
 * Appends a line of what is new, on disk when answered, and answers up to which row the file reaches. Reads through the
 * reading side: a row that is not committed yet must not be witnessed. Throws Error when the last line is not ours: the
 * file is then evidence, and is left alone.
 */
export async function appendCheckpoint(
  { store, keyring, clock, log }: CheckpointParts,
  file: string,
  { upTo, most }: Extent,
): Promise<{ readonly rows: number; readonly line?: { readonly n: number; readonly hash: string } }> {
  const fd = openSync(file, 'a+', 0o600)
  try {
    const key = checkpointKey(keyring)
    const line = readLastLine(fd)
    const last = line === '' ? undefined : parseCheckpoint(createPublicKey(key), line)
    if (line !== '' && last === undefined) throw new Error('the last audit checkpoint is not signed by this database')
    const known = last?.rows ?? 0
    const appended = await countAppended(store.read)
    if (appended < known) log.error({ rows: appended, known }, 'the audit log is shorter than its last checkpoint')
    else if (upTo <= known) return { rows: known }
    const from = appended < known ? 0 : known
    const rows = Math.min(upTo, from + most)
    const heads = toHeads(await headsSince(store.read, from, rows))
    const n = (last?.n ?? 0) + 1
    const checkpoint: Checkpoint = { n, ts: clock(), rows, heads, prev: line === '' ? '' : hashLine(line) }
    const text = formatCheckpoint(key, checkpoint)
    appendWhole(fd, `${text}\n`)
    fsyncSync(fd)
    if (n === 1) syncFolder(dirname(file))
    return { rows, line: { n, hash: hashLine(text) } }
  } finally {
    closeSync(fd)
  }
}
