import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { type DeletionAction, deletionActions, formatLine, ledgerFile, rowIn } from '../../deletions/deletion.ts'
import type { UserId } from '../../ids.ts'
import { appendWhole, readLastLine, syncFolder } from '../append-only-file.ts'

/** The deletions, in a file beside the database: what a restored backup has to be told (see infra/adr). */
export interface Ledger {
  /**
   * Writes down the deletions that the audit log knows and the file does not, on disk when it returns. Call it under
   * the write lock, which keeps other processes out of the file. Throws what the file system throws; nothing is then
   * lost, since the next call starts from the same place.
   */
  append(): void
}

interface Row {
  readonly row: number
  readonly at: number
  readonly subject: UserId
  readonly action: DeletionAction
  readonly target: string
}

/** So many audit rows without a deletion are worth a line, so that a start need not read them again. */
const worthAMark = 1_000
const linesAtOnce = 1_000

const deletionsBetween = `
  SELECT rowid AS row, ts AS at, subject_id AS subject, action, target_id AS target FROM audit_events NOT INDEXED
  WHERE rowid > ? AND rowid <= ? AND action IN (${deletionActions.map((action) => `'${action}'`).join()})
  ORDER BY rowid`

/** The ledger of the database that `reading` reads. `reading` sees what is committed, and nothing else is told. */
export function keepLedger(databaseFile: string, reading: Database): Ledger {
  const file = join(dirname(databaseFile), ledgerFile)
  const newestRow = reading.prepare<[], number | null>('SELECT max(rowid) FROM audit_events').pluck()
  const deletions = reading.prepare<[number, number], Row>(deletionsBetween)
  let readUpTo = 0

  function append(): void {
    const fd = openSync(file, 'a+', 0o600)
    try {
      const last = readLastLine(fd)
      const newest = newestRow.get() ?? 0
      const written = last === '' ? 0 : rowIn(last)
      // Beyond the end: a ledger that outlived its database. What stands in the one that was restored is new to it.
      const known = last === '' || written > newest ? 0 : Math.max(written, readUpTo)
      if (known === newest) return
      let text = last === '' ? formatLine({ ledger: randomUUID() }) : ''
      let lines = 0
      for (const deletion of deletions.iterate(known, newest)) {
        text += formatLine(deletion)
        lines += 1
        if (lines % linesAtOnce > 0) continue
        appendWhole(fd, text)
        text = ''
      }
      if (written > newest || newest - written >= worthAMark) text += formatLine({ row: newest })
      if (lines > 0 || text !== '') {
        appendWhole(fd, text)
        fsyncSync(fd)
        if (last === '') syncFolder(dirname(file))
      }
      readUpTo = newest
    } finally {
      closeSync(fd)
    }
  }

  return { append }
}
