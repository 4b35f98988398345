import { closeSync, openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { checkpointFile, hashLine } from '../audit/checkpoint.ts'
import { refuseMoved } from '../store/sqlite/moved-mark.ts'
import { databaseName } from '../store/sqlite/open-sqlite.ts'
import { busyTimeoutMs } from '../store/sqlite/pragmas.ts'
import type { Manifest } from './manifest.ts'

export type SnapshotFacts = Pick<Manifest, 'pages' | 'schemaVersion' | 'keyVersions' | 'auditRows' | 'checkpoint'>

/** A copy of the database that is not whole: the database itself is damaged. */
export class SnapshotDamaged extends Error {
  override readonly name = 'SnapshotDamaged'
}

/** 4 MB: enough to be quick, few enough to leave other work of the process its turns. */
const pagesAtOnce = 1_000

/**
 * Copies the database of `dataDir` and its audit checkpoints into `folder` while it is in use. A read transaction holds
 * the state of one moment: writers go on, none makes the copy begin anew, and while it lasts the write-ahead log is
 * not emptied (`Store.eraseTraces` answers false where it lasts longer than that waits).
 * Needs no key. Throws SnapshotDamaged for a copy that SQLite finds faults in, StoreMovedError for a database that is
 * served from elsewhere: a backup of it would be worth nothing, and look like one.
 * Source: https://www.sqlite.org/c3ref/backup_finish.html
 */
export async function takeSnapshot(dataDir: string, folder: string): Promise<SnapshotFacts> {
  refuseMoved(dataDir)
  // First, so that it witnesses no row that the copy of the database lacks.
  const checkpoint = await copyCheckpoints(join(dataDir, checkpointFile), join(folder, checkpointFile))
  const copy = join(folder, databaseName)
  closeSync(openSync(copy, 'wx', 0o600))
  const source = new SqliteDatabase(join(dataDir, databaseName), {
    readonly: true,
    fileMustExist: true,
    timeout: busyTimeoutMs.starting,
  })
  try {
    source.exec('BEGIN')
    source.prepare('SELECT count(*) FROM sqlite_schema').get()
    await source.backup(copy, { progress: () => pagesAtOnce })
  } finally {
    source.close()
  }
  return { ...examine(copy), checkpoint }
}

/** Looks whether a copy is whole, and leaves it as one file without a log beside it. */
function examine(file: string): Omit<SnapshotFacts, 'checkpoint'> {
  const copy = new SqliteDatabase(file)
  try {
    copy.pragma('journal_mode = DELETE')
    if (copy.pragma('quick_check', { simple: true }) !== 'ok') throw new SnapshotDamaged('the database is damaged')
    const number = (sql: string) => copy.prepare<[], number | null>(sql).pluck().get() ?? 0
    return {
      pages: copy.pragma('page_count', { simple: true }) as number,
      schemaVersion: number('SELECT count(*) FROM __drizzle_migrations'),
      keyVersions: copy.prepare<[], number>('SELECT version FROM key_versions ORDER BY version').pluck().all(),
      auditRows: number('SELECT count(*) FROM audit_events'),
    }
  } finally {
    copy.close()
  }
}

/** Copies the whole lines, and tells which the last one is. */
async function copyCheckpoints(from: string, to: string): Promise<Manifest['checkpoint']> {
  const text = await readFile(from, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  await writeFile(to, whole, { mode: 0o600 })
  return lastCheckpoint(whole)
}

/** The number and hash of the last of some lines. The signature is a matter of who has the key. */
export function lastCheckpoint(lines: string): Manifest['checkpoint'] {
  const line = lines.trimEnd().split('\n').at(-1) ?? ''
  if (line === '') return null
  const { n } = JSON.parse(line) as { readonly n: number }
  return { n, hash: hashLine(line) }
}
