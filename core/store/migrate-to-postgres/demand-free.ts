import type { ClientBase } from 'pg'
import { migrationsTable } from '../postgres/functions-role.ts'
import { readMoveNote } from '../postgres/unfinished-move.ts'
import { MoveError } from './move-error.ts'
import { refuseLiving } from './refuse-living.ts'
import { movedTables } from './table-shape.ts'
import type { Target } from './target.ts'

/** Throws MoveError for a target that this user cannot fill, that serves, or that has rows of anything but `source`. */
export async function demandFree({ client, read, place }: Target, source: string, now: number): Promise<void> {
  const { rows } = await client.query<{ made: boolean; owns: boolean | null; may: boolean }>(
    `SELECT found IS NOT NULL AS made, pg_has_role(relowner, 'USAGE') AS owns,
       has_schema_privilege('public', 'CREATE') AS may
     FROM (SELECT to_regclass($1) AS found) AS list LEFT JOIN pg_class ON pg_class.oid = found`,
    [`public.${migrationsTable}`],
  )
  const { made, owns, may } = rows[0] ?? { made: false, owns: null, may: false }
  if (!may || owns === false) throw new MoveError(`The user of ${place} does not own its schema: name the owner.`)
  if (!made) return
  await refuseLiving(read, place, now)
  const note = await readMoveNote(client)
  if (note !== undefined && note.source !== source) {
    throw new MoveError(`${place} has an unfinished copy of another database: take an empty one.`)
  }
  if (note !== undefined) return
  for (const { name } of movedTables) {
    if (await hasRows(client, name)) {
      throw new MoveError(
        `${place} is not empty, and what it has (in ${name}) is no copy of this database: take an empty one.`,
      )
    }
  }
}

async function hasRows(client: ClientBase, table: string): Promise<boolean> {
  const { rows } = await client.query<{ any: boolean }>(`SELECT EXISTS (SELECT FROM public.${table}) AS any`)
  return rows[0]?.any === true
}
