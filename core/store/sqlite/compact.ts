import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { appendEvent } from '../../audit/append-event.ts'
import { type Actor, houseSubject } from '../../audit/events.ts'
import { OortError } from '../../errors.ts'
import { insideOf, type Platform } from '../../platform.ts'
import { asSqlite, databaseName } from './open-sqlite.ts'
import { applyWriterPragmas, busyTimeoutMs } from './pragmas.ts'

export interface CompactReceipt {
  /** The size of the database file. */
  readonly bytesBefore: number
  readonly bytesAfter: number
  /** False when a reader held the write-ahead log, in which copies may then be left: to be done again. */
  readonly bytesErased: boolean
}

/**
 * Writes the whole database anew and truncates the write-ahead log. Whatever deleted or replaced rows left behind is
 * gone then, also in tables that are too large to be rewritten at each deletion. Reads go on; writes wait, about a
 * second for each 200 MB. The copy is made in memory, since on a disk it would leave traces of its own.
 *
 * Throws CONFLICT where memory or disk do not have the room, STORE_UNAVAILABLE when a writer does not let go for 10 s.
 * Source: https://www.sqlite.org/lang_vacuum.html
 */
export async function compact(platform: Platform, actor: Actor): Promise<CompactReceipt> {
  const { store, keyring, clock } = insideOf(platform)
  const receipt = vacuum(asSqlite(store).file)
  const { bytesBefore, bytesAfter } = receipt
  await store.write(async (db) => {
    const event = { type: 'database.compacted', bytesBefore, bytesAfter } as const
    const target = { kind: 'database', id: databaseName }
    await appendEvent(db, keyring, { subjectId: houseSubject, actor, event, target, ts: clock() })
  })
  return receipt
}

/** On a connection of its own: VACUUM runs in no transaction, and units of work do. */
function vacuum(file: string): CompactReceipt {
  const connection = new SqliteDatabase(file, { fileMustExist: true, timeout: busyTimeoutMs.starting })
  try {
    applyWriterPragmas(connection)
    const bytesBefore = sizeOf(connection)
    demandRoom(file, bytesBefore)
    connection.exec('VACUUM')
    const [log] = connection.pragma('wal_checkpoint(TRUNCATE)') as readonly { readonly busy: number }[]
    return { bytesBefore, bytesAfter: sizeOf(connection), bytesErased: log?.busy === 0 }
  } finally {
    connection.close()
  }
}

function sizeOf(connection: SqliteDatabase.Database): number {
  const number = (name: string) => Number(connection.pragma(name, { simple: true }))
  return number('page_count') * number('page_size')
}

/** One copy goes through memory, and one through the write-ahead log. */
function demandRoom(file: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(dirname(file))
  const megabytes = Math.ceil(bytes / 1_000_000)
  if (bytes > process.availableMemory()) {
    throw new OortError('CONFLICT', {
      detail: `To compact the database takes ${megabytes} MB of memory, which are not free.`,
    })
  }
  if (bytes > bavail * bsize) {
    throw new OortError('CONFLICT', {
      detail: `To compact the database takes ${megabytes} MB of disk, which are not free.`,
    })
  }
}
