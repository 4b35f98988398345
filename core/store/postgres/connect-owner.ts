import type { Client } from 'pg'
import { describeAddress } from './describe-address.ts'
import { ownerClient } from './owner-client.ts'

/** The server cannot be reached, or lets nobody in by that name: nothing has been asked of it. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

/**
 * One connection to the database at `url`, as the user whom the address names. Throws UnreachableError, with the reason
 * by its code alone: the driver's messages name users and hosts.
 */
export async function connectOwner(url: string, purpose: string): Promise<Client> {
  // Here alone and in the pools, so that who keeps to SQLite does not load it.
  const { default: pg } = await import('pg')
  const client = ownerClient(pg, url, purpose)
  // What becomes of a connection that is lost, its statements tell.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    const { code } = error as { readonly code?: unknown }
    const reason = typeof code === 'string' ? (reasons[code] ?? code) : 'it does not answer'
    throw new UnreachableError(`${describeAddress(url)}: ${reason}`)
  }
}

/** Source: https://www.postgresql.org/docs/current/errcodes-appendix.html, and errno(3). */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'no host has that name',
  '28P01': 'the password is not the one that it knows',
  '28000': 'it lets that user in from elsewhere, or not at all',
  '3D000': 'it has no database of that name',
  '57P03': 'it is starting or stopping',
  '53300': 'it has no connection to spare',
}
