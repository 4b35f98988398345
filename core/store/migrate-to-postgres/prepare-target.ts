import { migrationsOf } from '../migrations-folder.ts'
import { migratePostgres } from '../postgres/migrate-postgres.ts'
import { type MoveNote, readMoveNote, writeMoveNote } from '../postgres/unfinished-move.ts'
import { isAppendOnly, movedTables } from './table-shape.ts'
import type { Target } from './target.ts'

/** `fresh`: nothing was there. `resumed`: goes on. `renewed`: the source was written to since, and all but the log begins anew. */
export type Beginning = 'fresh' | 'resumed' | 'renewed'

/**
 * Brings the schema of the target up to date and notes the copy, from which moment on no Oort starts on it. Where the
 * source is not what it was when an earlier attempt began, what that had copied goes again, but for the log.
 */
export async function prepareTarget({ client }: Target, now: MoveNote): Promise<Beginning> {
  await migratePostgres(client, migrationsOf('postgres'))
  const before = await readMoveNote(client)
  if (before !== undefined && before.fingerprint === now.fingerprint) return 'resumed'
  await client.query('BEGIN')
  try {
    const emptied = movedTables.filter((table) => !isAppendOnly(table)).map(({ name }) => `public.${name}`)
    if (before !== undefined) await client.query(`TRUNCATE ${emptied.join()}`)
    await writeMoveNote(client, now)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
  return before === undefined ? 'fresh' : 'renewed'
}
