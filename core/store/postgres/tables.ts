import { bigint } from 'drizzle-orm/pg-core'
import * as schema from '../schema.ts'
import { toPostgres } from './to-postgres.ts'

/**
 * What SQLite gives every row by itself, and queries of the log go by: the order in which entries were written. It has
 * an index of its own, so that it can be searched by as SQLite's can.
 */
const rowid = bigint({ mode: 'number' }).generatedByDefaultAsIdentity().unique('audit_events_by_rowid')

/** PostgreSQL's tables, one by one and by name, since drizzle-kit finds no others. All are described in schema.ts. */
export const {
  apiKeys,
  auditEvents,
  billingAccounts,
  callCounts,
  exports,
  forgottenCustomers,
  idempotencyKeys,
  incidents,
  incidentUpdates,
  instances,
  keyVersions,
  knownDevices,
  mailTokens,
  parkedEvents,
  passkeys,
  paymentEvents,
  probeDays,
  providerKeys,
  recoveryCodes,
  runAllowances,
  runReservations,
  runs,
  runTerms,
  secondFactors,
  sessions,
  spentChallenges,
  subscriptions,
  users,
  ...unnamed
} = toPostgres(schema, { audit_events: { rowid } })

// A table of schema.ts that is not named above does not compile.
unnamed satisfies Record<keyof typeof unnamed, never>
