import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { rewriteSealedTables } from './rewrite-table.ts'

const retryMs = 10
const patienceMs = 3_000
const laterMs = 1_000

/** Removes what deleted rows leave behind: see `Store.eraseTraces`. */
export interface Eraser {
  erase(of?: readonly string[]): Promise<boolean>
  stop(): void
}

/**
 * First rewrites the tables that hold sealed values, then truncates the write-ahead log. All who ask while one waits
 * for readers are served together. What was given up on is tried again in the background: a log that is merely
 * checkpointed keeps its old frames until later ones happen to overwrite them.
 * Source: https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
 */
export function createEraser(connection: Database): Eraser {
  /** Rows were deleted, as far as we know, since the tables were last rewritten. */
  let stale = false
  let tooLarge: readonly string[] = []
  let waiting: Promise<boolean> | undefined
  let later: NodeJS.Timeout | undefined
  let stopped = false

  async function eraseWhenFree(): Promise<boolean> {
    const deadline = performance.now() + patienceMs
    // Deletions that are answered in one turn of the event loop share the work.
    await nextTurn()
    while (!stopped) {
      if (tryToErase()) {
        // At once, not when the promise settles: whoever asks from here on may have deleted after the truncation.
        waiting = undefined
        clearTimeout(later)
        return true
      }
      if (performance.now() > deadline) break
      await sleep(retryMs)
    }
    waiting = undefined
    if (!stopped) tryLater()
    return false
  }

  /** False while a transaction of our own or a reader anywhere needs the log, and while the disk fails. */
  function tryToErase(): boolean {
    if (connection.inTransaction) return false
    try {
      if (stale) tooLarge = rewriteSealedTables(connection)
      stale = false
      const [result] = connection.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
      return result?.busy === 0
    } catch {
      // The deletion is committed and must not be answered as failed: its traces go when the disk allows it.
      return false
    }
  }

  function tryLater(): void {
    clearTimeout(later)
    later = setTimeout(() => {
      waiting ??= eraseWhenFree()
    }, laterMs)
    later.unref()
  }

  return {
    async erase(of) {
      stale = true
      waiting ??= eraseWhenFree()
      const erased = await waiting
      return erased && !tooLarge.some((table) => of?.includes(table) ?? true)
    },
    stop() {
      stopped = true
      clearTimeout(later)
    },
  }
}
