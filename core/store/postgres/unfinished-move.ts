import type { ClientBase } from 'pg'
import { MigrationError } from '../missing-migrations.ts'

/** Stands in a database for as long as a copy into it is not finished. */
const table = 'public.oort_move'

/** Which database is being copied, and in which state. */
export interface MoveNote {
  readonly source: string
  readonly fingerprint: string
}

async function hasNote(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [table])
  return rows[0]?.there === true
}

/** Throws MigrationError for a database that has a part of another one, and is not to be served. */
export async function refuseUnfinishedMove(client: ClientBase): Promise<void> {
  if (await hasNote(client)) throw new MigrationError('a copy into it is not finished: run `oort migrate` once more')
}

/** What the copy under way left behind; undefined where there is none. */
export async function readMoveNote(client: ClientBase): Promise<MoveNote | undefined> {
  if (!(await hasNote(client))) return undefined
  return (await client.query<MoveNote>(`SELECT source, fingerprint FROM ${table}`)).rows[0]
}

/** Notes a copy, in place of what was noted before. All or nothing with the transaction that it is called in. */
export async function writeMoveNote(client: ClientBase, { source, fingerprint }: MoveNote): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS ${table}`)
  await client.query(`CREATE TABLE ${table} (source text NOT NULL, fingerprint text NOT NULL)`)
  await client.query(`INSERT INTO ${table} VALUES ($1, $2)`, [source, fingerprint])
}

/** From the commit on the database may be served. */
export async function dropMoveNote(client: ClientBase): Promise<void> {
  await client.query(`DROP TABLE ${table}`)
}
