import type { ClientBase } from 'pg'
import { headsTable } from '../postgres/functions-role.ts'
import { MoveError } from './move-error.ts'

const astray = `
  SELECT subject_id AS "subjectId" FROM public.${headsTable} AS head
  FULL JOIN (
    SELECT DISTINCT ON (subject_id) subject_id, seq, hash FROM public.audit_events ORDER BY subject_id, seq DESC
  ) AS last USING (subject_id)
  WHERE (head.seq, head.hash) IS DISTINCT FROM (last.seq, last.hash) ORDER BY subject_id LIMIT 1`

/**
 * PostgreSQL keeps where each chain stands, which SQLite does not. Throws MoveError with the first chain that is said to
 * stand elsewhere: no further entry of it would be taken.
 */
export async function demandHeads(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ subjectId: string }>(astray)
  const [first] = rows
  if (first === undefined) return
  throw new MoveError(
    `${headsTable}: ${first.subjectId} is not where its chain ends. Take an empty database, and begin anew.`,
  )
}
