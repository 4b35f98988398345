import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ApiKeyId, Id, ProviderKeyId, RunId, SessionId, UserId } from '../ids.ts'
import type { Component, ComponentState, IncidentState, Severity } from '../incidents/terms.ts'
import type { SubscriptionStatus } from '../plans/subscription-status.ts'
import type { Provider } from '../providers/provider.ts'
import type { RunState } from '../runs/run-state.ts'
import type { TokenScope } from '../session/token-scopes.ts'
import { optionalSealedColumns, owner, sealedColumns, time } from './columns.ts'

const user = () => owner().references(() => users.id, { onDelete: 'cascade' })

/** One row for each version of the master key: a known text and the root of the derived keys, both sealed under it. */
export const keyVersions = sqliteTable('key_versions', {
  version: integer().primaryKey(),
  ...sealedColumns('canary'),
  ...sealedColumns('root'),
  createdAt: time().notNull(),
})

/** Accounts. `epoch` rises at sign-out everywhere, password change and suspension: older cookies are then dead. */
export const users = sqliteTable(
  'users',
  {
    id: text().$type<UserId>().primaryKey(),
    emailIndex: blob({ mode: 'buffer' }).notNull().unique(),
    ...sealedColumns('email'),
    passwordHash: text().notNull(),
    role: text().$type<'user' | 'admin'>().notNull().default('user'),
    status: text().$type<'active' | 'suspended'>().notNull().default('active'),
    epoch: integer().notNull().default(0),
    emailVerifiedAt: time(),
    createdAt: time().notNull(),
  },
  (table) => [
    // Both are few among many: such an index is small, and costs a sign-up nothing.
    index('users_who_administer').on(table.id).where(sql`role = 'admin'`),
    index('users_suspended').on(table.id).where(sql`status = 'suspended'`),
  ],
)

/** Signed-in browsers. The cookie names a row; without the row the cookie is dead. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text().$type<SessionId>().primaryKey(),
    userId: user(),
    ...sealedColumns('device'),
    /** When the password (and second factor) was last given in this session. */
    authenticatedAt: time().notNull(),
    lastSeenAt: time().notNull(),
    createdAt: time().notNull(),
  },
  (table) => [index('sessions_by_user').on(table.userId, table.id)],
)

/** Time-based one-time passwords (RFC 6238). `lastStep` is the newest time step used: none is accepted twice. */
export const secondFactors = sqliteTable(
  'second_factors',
  {
    id: text().$type<Id<'secondFactor'>>().primaryKey(),
    userId: user(),
    ...sealedColumns('secret'),
    confirmedAt: time(),
    lastStep: integer(),
    createdAt: time().notNull(),
  },
  (table) => [uniqueIndex('second_factors_by_user').on(table.userId)],
)

/** Passkeys: credentials of WebAuthn, each bound to this site by the authenticator that made it. */
export const passkeys = sqliteTable(
  'passkeys',
  {
    id: text().$type<Id<'passkey'>>().primaryKey(),
    userId: user(),
    /** The authenticator's own id of the credential, base64url. */
    credentialId: text().notNull().unique(),
    /** COSE (RFC 9052). */
    publicKey: blob({ mode: 'buffer' }).notNull(),
    /** The authenticator's signature counter: one that does not rise tells of a copy. 0 where it keeps none. */
    counter: integer().notNull(),
    transports: text({ mode: 'json' }).$type<readonly string[]>().notNull(),
    /** Kept by a password manager in several places, rather than in one device. */
    backedUp: integer({ mode: 'boolean' }).notNull(),
    label: text().notNull(),
    lastUsedAt: time(),
    createdAt: time().notNull(),
  },
  (table) => [index('passkeys_by_user').on(table.userId, table.id)],
)

/** Challenges that were answered: none is answered twice. Those that were not answered are kept nowhere. */
export const spentChallenges = sqliteTable(
  'spent_challenges',
  { hash: blob({ mode: 'buffer' }).primaryKey(), expiresAt: time().notNull() },
  (table) => [index('spent_challenges_by_age').on(table.expiresAt)],
)

/**
 * Calls against limits, where processes of several hosts keep count together; see postgres/count-calls.ts. A caller is
 * known by a hash, for as long as the limit lasts.
 */
export const callCounts = sqliteTable(
  'call_counts',
  {
    limitName: text().notNull(),
    caller: blob({ mode: 'buffer' }).notNull(),
    calls: integer().notNull(),
    endsAt: time().notNull(),
  },
  (table) => [primaryKey({ columns: [table.limitName, table.caller] }), index('call_counts_by_end').on(table.endsAt)],
)

/** Codes that stand in for a lost second factor: used once, and only a hash of each is kept. */
export const recoveryCodes = sqliteTable(
  'recovery_codes',
  {
    id: text().$type<Id<'recoveryCode'>>().primaryKey(),
    userId: user(),
    hash: blob({ mode: 'buffer' }).notNull(),
    createdAt: time().notNull(),
  },
  (table) => [uniqueIndex('recovery_codes_by_user').on(table.userId, table.hash)],
)

/** Browsers that a user signed in from, by the hash of a token in a cookie of theirs: a new one is told by mail. */
export const knownDevices = sqliteTable(
  'known_devices',
  {
    id: text().$type<Id<'knownDevice'>>().primaryKey(),
    userId: user(),
    hash: blob({ mode: 'buffer' }).notNull(),
    lastSeenAt: time().notNull(),
    createdAt: time().notNull(),
  },
  (table) => [uniqueIndex('known_devices_by_user').on(table.userId, table.hash)],
)

/** Links sent by mail: used once, within their time; only a hash of the token is kept. */
export const mailTokens = sqliteTable(
  'mail_tokens',
  {
    id: text().$type<Id<'mailToken'>>().primaryKey(),
    userId: user(),
    purpose: text().$type<'verify_email' | 'reset_password'>().notNull(),
    hash: blob({ mode: 'buffer' }).notNull().unique(),
    expiresAt: time().notNull(),
    createdAt: time().notNull(),
  },
  (table) => [index('mail_tokens_by_user').on(table.userId, table.id)],
)

/** Provider keys that users brought. */
export const providerKeys = sqliteTable(
  'provider_keys',
  {
    id: text().$type<ProviderKeyId>().primaryKey(),
    userId: user(),
    provider: text().$type<Provider>().notNull(),
    label: text().notNull(),
    lastFour: text().notNull(),
    /** Keyed hash of the key, so that its owner recognises it; worthless to anybody else. */
    fingerprint: text().notNull(),
    ...sealedColumns('secret'),
    verifiedAt: time(),
    createdAt: time().notNull(),
    updatedAt: time().notNull(),
  },
  (table) => [index('provider_keys_by_user').on(table.userId, table.id)],
)

/** Keys that we issue to programs: only the SHA-256 of the token is kept. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text().$type<ApiKeyId>().primaryKey(),
    userId: user(),
    name: text().notNull(),
    hash: blob({ mode: 'buffer' }).notNull().unique(),
    lastFour: text().notNull(),
    scopes: text({ mode: 'json' }).$type<readonly TokenScope[]>().notNull(),
    expiresAt: time(),
    lastUsedAt: time(),
    createdAt: time().notNull(),
  },
  (table) => [index('api_keys_by_user').on(table.userId, table.id)],
)

/** Prompts that were run, and what came back. */
export const runs = sqliteTable(
  'runs',
  {
    id: text().$type<RunId>().primaryKey(),
    userId: user(),
    comparisonId: text().$type<Id<'comparison'>>(),
    /** The key that paid. Not a reference: the run outlives the key. */
    providerKeyId: text().$type<ProviderKeyId>().notNull(),
    apiKeyId: text().$type<ApiKeyId>(),
    endpoint: text().$type<'runs' | 'chat.completions' | 'messages'>().notNull(),
    provider: text().$type<Provider>().notNull(),
    model: text().notNull(),
    state: text().$type<RunState>().notNull(),
    ...sealedColumns('prompt'),
    /** The prompt's first words: a page of the history costs the same however long the prompts are. */
    ...optionalSealedColumns('excerpt'),
    ...optionalSealedColumns('output'),
    inputTokens: integer(),
    outputTokens: integer(),
    /** The provider's own count did not arrive: the figures are our estimate. */
    usageEstimated: integer({ mode: 'boolean' }).notNull().default(false),
    costMicroUsd: integer(),
    finishReason: text(),
    errorCode: text(),
    instanceId: text().$type<Id<'instance'>>().notNull(),
    createdAt: time().notNull(),
    firstByteAt: time(),
    finishedAt: time(),
    /** When its owner asked another process than its own to end it. */
    cancelRequestedAt: time(),
  },
  (table) => [
    index('runs_by_user').on(table.userId, table.id),
    index('runs_by_comparison').on(table.userId, table.comparisonId),
    index('runs_by_state').on(table.state, table.instanceId),
    // All that the figures of usage need, so that they never walk the sealed values in between.
    index('runs_usage').on(
      table.userId,
      table.createdAt,
      table.provider,
      table.model,
      table.state,
      table.inputTokens,
      table.outputTokens,
      table.costMicroUsd,
      table.firstByteAt,
      table.finishedAt,
    ),
  ],
)

/** Blind search index: keyed hashes of the words of a user's prompts (see core/runs/search-terms.ts). */
export const runTerms = sqliteTable(
  'run_terms',
  {
    userId: user(),
    term: blob({ mode: 'buffer' }).notNull(),
    runId: text()
      .$type<RunId>()
      .notNull()
      .references(() => runs.id, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.term, table.runId] }),
    index('run_terms_by_run').on(table.runId),
  ],
)

/** Answers kept for a day, so that a repeated request with its Idempotency-Key is answered without a second effect. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    id: text().$type<Id<'idempotency'>>().primaryKey(),
    userId: user(),
    keyHash: blob({ mode: 'buffer' }).notNull(),
    fingerprint: blob({ mode: 'buffer' }).notNull(),
    state: text().$type<'running' | 'answered' | 'too_large' | 'forgotten'>().notNull(),
    status: integer(),
    contentType: text(),
    ...optionalSealedColumns('body'),
    instanceId: text().$type<Id<'instance'>>().notNull(),
    createdAt: time().notNull(),
  },
  (table) => [
    uniqueIndex('idempotency_keys_by_user').on(table.userId, table.keyHash),
    index('idempotency_keys_by_age').on(table.createdAt),
  ],
)

/** Exports of an account: what was asked for and how far it came. The archive itself is never kept. */
export const exports = sqliteTable(
  'exports',
  {
    id: text().$type<Id<'export'>>().primaryKey(),
    userId: user(),
    /** The session that asked, in which alone it may be downloaded. */
    sessionId: text().$type<SessionId>().notNull(),
    state: text().$type<'ready' | 'streaming' | 'finished' | 'abandoned'>().notNull(),
    rowsTotal: integer().notNull(),
    rowsWritten: integer().notNull().default(0),
    /** Of the archive. */
    bytesWritten: integer().notNull().default(0),
    /** When the process that streams it was last heard of. */
    progressAt: time().notNull(),
    createdAt: time().notNull(),
    finishedAt: time(),
  },
  (table) => [index('exports_by_user').on(table.userId, table.id)],
)

/** Which customer of the payment service a user is. */
export const billingAccounts = sqliteTable('billing_accounts', {
  id: text().$type<Id<'billingAccount'>>().primaryKey(),
  userId: user().unique(),
  /** Stripe's id: `cus_…`. */
  customerId: text().notNull().unique(),
  createdAt: time().notNull(),
})

/** Subscriptions as the newest event about each tells of them (see core/plans/read-payment-event.ts). */
export const subscriptions = sqliteTable(
  'subscriptions',
  {
    id: text().$type<Id<'subscription'>>().primaryKey(),
    userId: user(),
    /** Stripe's id: `sub_…`. */
    stripeId: text().notNull().unique(),
    status: text().$type<SubscriptionStatus>().notNull(),
    /** The prices of its items. Which plan they sell is a matter of the configuration. */
    priceIds: text({ mode: 'json' }).$type<readonly string[]>().notNull(),
    /** When the period that is paid for ends, and when the subscription does, where that is decided. */
    periodEndsAt: time(),
    endsAt: time(),
    /** Where the event it was taken from stands among all events about it: see `positionOf`. */
    position: text().notNull(),
    createdAt: time().notNull(),
    updatedAt: time().notNull(),
  },
  (table) => [index('subscriptions_by_user').on(table.userId, table.id)],
)

/** Events of the payment service whose customer is known. A row stands in the same commit as the event's effect. */
export const paymentEvents = sqliteTable(
  'payment_events',
  {
    id: text().$type<Id<'paymentEvent'>>().primaryKey(),
    userId: user(),
    /** Stripe's id: `evt_…`. What makes a second delivery one too many. */
    stripeId: text().notNull().unique(),
    type: text().notNull(),
    outcome: text().$type<'applied' | 'superseded'>().notNull(),
    ...sealedColumns('payload'),
    occurredAt: time().notNull(),
    createdAt: time().notNull(),
  },
  (table) => [index('payment_events_by_user').on(table.userId, table.id)],
)

/** Events that nobody's account accounts for, until an administrator replays them. They have no user, and no scope. */
export const parkedEvents = sqliteTable('parked_events', {
  id: text().$type<Id<'parkedEvent'>>().primaryKey(),
  stripeId: text().notNull().unique(),
  type: text().notNull(),
  reason: text().$type<'unknown_customer' | 'unreadable'>().notNull(),
  customerId: text(),
  ...sealedColumns('payload'),
  occurredAt: time().notNull(),
  createdAt: time().notNull(),
})

/** Customers whose account was deleted: the payment service has yet to forget them, and its events are not for us. */
export const forgottenCustomers = sqliteTable('forgotten_customers', {
  customerId: text().primaryKey(),
  createdAt: time().notNull(),
  forgottenAt: time(),
})

/** Runs that count against a plan, by user and calendar month (UTC, such as `2026-11`). */
export const runAllowances = sqliteTable(
  'run_allowances',
  { userId: user(), month: text().notNull(), runs: integer().notNull() },
  (table) => [primaryKey({ columns: [table.userId, table.month] })],
)

/** Runs under way, which may yet count. */
export const runReservations = sqliteTable(
  'run_reservations',
  {
    runId: text().$type<RunId>().primaryKey(),
    userId: user(),
    month: text().notNull(),
    createdAt: time().notNull(),
  },
  (table) => [index('run_reservations_by_user').on(table.userId, table.createdAt)],
)

/** What went wrong for everybody, and is told to everybody. */
export const incidents = sqliteTable(
  'incidents',
  {
    id: text().$type<Id<'incident'>>().primaryKey(),
    severity: text().$type<Severity>().notNull(),
    title: text().notNull(),
    components: text({ mode: 'json' }).$type<readonly Component[]>().notNull(),
    state: text().$type<IncidentState>().notNull(),
    startedAt: time().notNull(),
    resolvedAt: time(),
    /** Where the analysis of what happened can be read. */
    postMortemUrl: text(),
    createdAt: time().notNull(),
  },
  (table) => [index('incidents_by_start').on(table.startedAt)],
)

/** The notices of an incident, each as it was published. */
export const incidentUpdates = sqliteTable(
  'incident_updates',
  {
    id: text().$type<Id<'incidentUpdate'>>().primaryKey(),
    incidentId: text()
      .$type<Id<'incident'>>()
      .notNull()
      .references(() => incidents.id, { onDelete: 'cascade' }),
    state: text().$type<IncidentState>().notNull(),
    text: text().notNull(),
    createdAt: time().notNull(),
  },
  (table) => [index('incident_updates_by_incident').on(table.incidentId, table.id)],
)

/** How the probes of a component went, by day (UTC, such as `2026-11-24`). */
export const probeDays = sqliteTable(
  'probe_days',
  {
    component: text().$type<Component>().notNull(),
    day: text().notNull(),
    operational: integer().notNull().default(0),
    degraded: integer().notNull().default(0),
    failed: integer().notNull().default(0),
    /** The newest probe of the day, and since when the probes have found the same. */
    lastState: text().$type<ComponentState>().notNull(),
    lastProbeAt: time().notNull(),
    since: time().notNull(),
  },
  (table) => [primaryKey({ columns: [table.component, table.day] })],
)

/** Running processes. A run whose instance stopped beating is interrupted. */
export const instances = sqliteTable('instances', {
  id: text().$type<Id<'instance'>>().primaryKey(),
  host: text().notNull(),
  pid: integer().notNull(),
  startedAt: time().notNull(),
  heartbeatAt: time().notNull(),
})

/**
 * Append-only: triggers refuse UPDATE, DELETE and REPLACE. One gapless hash chain for each subject.
 * No reference to users: the rows outlive the account and hold no personal data.
 */
export const auditEvents = sqliteTable(
  'audit_events',
  {
    subjectId: text().$type<UserId>().notNull(),
    seq: integer().notNull(),
    ts: time().notNull(),
    actorKind: text().$type<'user' | 'api_key' | 'admin' | 'system'>().notNull(),
    actorId: text().notNull(),
    action: text().notNull(),
    targetKind: text().notNull(),
    targetId: text().notNull(),
    detail: text().notNull(),
    requestId: text().notNull(),
    prev: blob({ mode: 'buffer' }).notNull(),
    hash: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.subjectId, table.seq] }),
    // A record is one subject's, so that along its chain is also in order of time.
    index('audit_events_by_target').on(table.targetId, table.seq),
    index('audit_events_by_actor').on(table.actorId, table.ts),
    index('audit_events_by_action').on(table.action, table.ts),
    index('audit_events_by_time').on(table.ts),
  ],
)
