import { createPublicKey } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Clock, minute, second } from '../clock.ts'
import type { Keyring } from '../crypto/keyring.ts'
import type { Log } from '../log.ts'
import { appendWhole, readLastLine, syncFolder } from '../store/append-only-file.ts'
import { countAppended, headsSince } from '../store/audit-rows.ts'
import type { Store } from '../store/store.ts'
import {
  type Checkpoint,
  checkpointFile,
  checkpointKey,
  formatCheckpoint,
  hashLine,
  parseCheckpoint,
  toHeads,
} from './checkpoint.ts'

export interface CheckpointParts {
  readonly store: Store
  readonly keyring: Keyring
  readonly clock: Clock
  readonly log: Log
}

export interface CheckpointKeeper {
  /** Writes a checkpoint now when there is anything new. */
  write(): Promise<void>
  /** Writes the last checkpoint of this process and stops. Never throws: a failure is logged. */
  finish(): Promise<void>
}

/** So many new audit rows are worth a checkpoint at once; fewer wait for a minute to pass. */
const enoughRows = 200
const longestWait = minute
const lookEvery = second

/**
 * Keeps the checkpoints beside the database up to date. Looks once a second how far the log has grown, so that no
 * write waits for it. Each line is also logged by number and hash: where logs are kept elsewhere, that shows a
 * checkpoint file that was cut short together with the database.
 */
export function keepCheckpoints(parts: CheckpointParts): CheckpointKeeper {
  const { store, log } = parts
  const file = join(store.folder, checkpointFile)
  let covered = 0
  let writtenAt = performance.now()
  let writing: Promise<void> = Promise.resolve()

  async function write(): Promise<void> {
    // Other processes on this database may write to the same file.
    const { rows, line } = await store.alone(async () => appendCheckpoint(parts, file))
    covered = rows
    writtenAt = performance.now()
    if (line !== undefined) log.info({ n: line.n, hash: line.hash, rows }, 'audit checkpoint')
  }

  const writeInTurn = (): Promise<void> => {
    writing = writing.then(write, write)
    return writing
  }

  async function look(): Promise<void> {
    const fresh = (await countAppended(store.read)) - covered
    const due = fresh >= enoughRows || (fresh !== 0 && performance.now() - writtenAt >= longestWait)
    if (due) await writeInTurn()
  }

  function complain(error: unknown): void {
    log.error({ err: error }, 'audit checkpoint not written')
  }

  const timer = setInterval(() => {
    look().catch(complain)
  }, lookEvery)
  timer.unref()

  return {
    write: writeInTurn,
    async finish() {
      clearInterval(timer)
      await writeInTurn().catch(complain)
    },
  }
}

/**
 * Appends what is new, on disk when answered. Reads through the reading side: a row that is not committed yet must not
 * be witnessed. Throws Error when the last line is not ours: the file is then evidence, and is left alone.
 */
async function appendCheckpoint({ store, keyring, clock, log }: CheckpointParts, file: string) {
  const fd = openSync(file, 'a+', 0o600)
  try {
    const key = checkpointKey(keyring)
    const line = readLastLine(fd)
    const last = line === '' ? undefined : parseCheckpoint(createPublicKey(key), line)
    if (line !== '' && last === undefined) throw new Error('the last audit checkpoint is not signed by this database')
    const rows = await countAppended(store.read)
    const known = last?.rows ?? 0
    if (rows < known) log.error({ rows, known }, 'the audit log is shorter than its last checkpoint')
    if (rows === known) return { rows }
    const heads = toHeads(await headsSince(store.read, rows < known ? 0 : known, rows))
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
