import { Client, DatabaseError, types } from 'pg'
import { OortError } from '../../errors.ts'
import { demandSettings, SettingsError } from '../postgres/demand-settings.ts'
import { ownerClient } from '../postgres/owner-client.ts'
import { postgresDb } from '../postgres/postgres-db.ts'
import { postgresFailure } from '../postgres/postgres-failure.ts'
import type { Db } from '../store.ts'
import { MoveError } from './move-error.ts'

/** The PostgreSQL database that a copy goes to, by one connection of its owner. */
export interface Target {
  readonly client: Client
  readonly read: Db
  /** Its address without what is secret. */
  readonly place: string
  /** A MoveError for what the server refused, and for a connection that is lost; anything else unchanged. */
  explain(error: unknown): unknown
}

/** Held by the one that copies. Any number that nothing else uses. */
const lock = 8_071_545_112_027

/** Some servers end what takes long unless told. What is compared may take minutes. */
const patience = 'SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0'

const refusals: Readonly<Record<string, string>> = {
  '28P01': 'refuses the user or the password',
  '28000': 'refuses the user',
  '3D000': 'has no such database',
}

/** Connects to the database at `url`, alone among those that copy. Throws MoveError where that does not succeed. */
export async function connectTarget(url: string): Promise<Target> {
  const place = placeOf(url)
  const client = ownerClient({ Client, types }, url, 'migrate')
  let lost = false
  client.on('error', () => {
    lost = true
  })
  const explain = (error: unknown): unknown => {
    const failure = error instanceof DatabaseError ? postgresFailure(error) : undefined
    if (lost || (failure instanceof OortError && failure.code === 'STORE_UNAVAILABLE')) {
      return new MoveError(`${place} does not answer any more. Run this again: it goes on where it was.`)
    }
    if (!(error instanceof DatabaseError)) return error
    return new MoveError(
      `${place} refused what it was told, with SQLSTATE ${error.code} (table ${error.table ?? 'unknown'}).`,
    )
  }
  await client.connect().catch((error: Error & { readonly code?: string }) => {
    const { code = error.message } = error
    throw new MoveError(`${place} ${refusals[code] ?? `cannot be reached: ${code}`}.`)
  })
  try {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [lock])
    if (rows[0]?.got !== true) throw new MoveError(`Another copy to ${place} is under way.`)
    await demandSettings(client)
    await client.query(patience)
    return { client, read: postgresDb(client, (error) => error), place, explain }
  } catch (error) {
    await client.end()
    throw error instanceof SettingsError ? new MoveError(`${place} is not safe: ${error.message}.`) : explain(error)
  }
}

function placeOf(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
