import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../append-only-file.ts'

/** A database that is served from elsewhere now: a start on it must not go on. */
export class StoreMovedError extends Error {
  override readonly name = 'StoreMovedError'
}

/** Stands beside a database that was moved to PostgreSQL, and says when and whereto. */
const markName = 'moved-to-postgres'

export function isMoved(dataDir: string): boolean {
  return existsSync(join(dataDir, markName))
}

/** Throws StoreMovedError for a database that was moved, with the way on and the way back. */
export function refuseMoved(dataDir: string): void {
  const file = join(dataDir, markName)
  if (!existsSync(file)) return
  throw new StoreMovedError(
    `The database in ${dataDir} was ${readFileSync(file, 'utf8').trim()}.
Set DATABASE_URL to that database. To go back to what was here then, and lose all that came since: stop every Oort on
PostgreSQL, and remove ${file}`,
  )
}

/** Marks the database in `dataDir` as moved to `place`, on disk when it returns. */
export function markMoved(dataDir: string, place: string, now: number): void {
  const fd = openSync(join(dataDir, markName), 'w', 0o600)
  try {
    writeSync(fd, `moved to ${place} at ${new Date(now).toISOString()}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  syncFolder(dataDir)
}
