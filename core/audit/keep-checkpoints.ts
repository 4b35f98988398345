import { join } from 'node:path'
import { minute, second } from '../clock.ts'
import { countAppended } from '../store/audit-rows.ts'
import { countSettled } from '../store/count-settled.ts'
import { appendCheckpoint, type CheckpointParts } from './append-checkpoint.ts'
import { checkpointFile } from './checkpoint.ts'

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
/** So many are read for one line, and while others wait for their turn: a new folder may have the whole log before it. */
const mostRows = 10_000

/**
 * Keeps the checkpoints beside the database up to date. Looks once a second how far the log has grown, so that no
 * write waits for it. Each line is also logged by number and hash: where logs are kept elsewhere, that shows a
 * checkpoint file that was cut short together with the database.
 */
export function keepCheckpoints(parts: CheckpointParts, most: number = mostRows): CheckpointKeeper {
  const { store, log } = parts
  const file = join(store.folder, checkpointFile)
  let covered = 0
  let writtenAt = performance.now()
  let writing: Promise<void> = Promise.resolve()
  let looking = false
  let finishing = false

  async function write(): Promise<void> {
    const upTo = await countSettled(store.read)
    do {
      // Other processes on this database may write to the same file.
      const { rows, line } = await store.alone(async () => appendCheckpoint(parts, file, { upTo, most }))
      covered = rows
      writtenAt = performance.now()
      if (line !== undefined) log.info({ n: line.n, hash: line.hash, rows }, 'audit checkpoint')
    } while (covered < upTo && !finishing)
  }

  const writeInTurn = (): Promise<void> => {
    writing = writing.then(write, write)
    return writing
  }

  /** One at a time: what does not get through now is not asked for again behind it. */
  async function look(): Promise<void> {
    if (looking) return
    looking = true
    await writeIfDue()
      .catch(complain)
      .finally(() => {
        looking = false
      })
  }

  async function writeIfDue(): Promise<void> {
    const fresh = (await countAppended(store.read)) - covered
    const due = fresh >= enoughRows || (fresh !== 0 && performance.now() - writtenAt >= longestWait)
    if (due) await writeInTurn()
  }

  function complain(error: unknown): void {
    log.error({ err: error }, 'audit checkpoint not written')
  }

  const timer = setInterval(look, lookEvery)
  timer.unref()

  return {
    write: writeInTurn,
    async finish() {
      clearInterval(timer)
      finishing = true
      await writeInTurn().catch(complain)
    },
  }
}
