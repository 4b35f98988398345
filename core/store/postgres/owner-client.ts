import type { Client, types } from 'pg'
import { numberTypes } from './number-types.ts'

/** What is taken of pg, which is handed in: who keeps to SQLite does not load it. */
interface Driver {
  readonly Client: typeof Client
  readonly types: typeof types
}

const connectingMs = 5_000

/** A connection as the user whom the address names, not connected yet. */
export function ownerClient(driver: Driver, url: string, purpose: string): Client {
  return new driver.Client({
    connectionString: url,
    connectionTimeoutMillis: connectingMs,
    types: numberTypes(driver),
    keepAlive: true,
    application_name: `oort ${purpose}`,
  })
}
