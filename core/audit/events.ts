import type { Id, ProviderKeyId, RunId, UserId } from '../ids.ts'
import type { IncidentState, Severity } from '../incidents/terms.ts'
import type { SubscriptionStatus } from '../plans/subscription-status.ts'
import type { Provider } from '../providers/provider.ts'
import type { FinalState } from '../runs/run-state.ts'
import type { TokenScope } from '../session/token-scopes.ts'

/**
 * Every event that can stand in the audit log, by the table of the row that it is about.
 * The row's id is the event's target. Beside it an event may carry ids, counts and words of a fixed set:
 * never a value that a user typed, a secret or anything personal, since the log outlives the account.
 */
export interface AuditEvents {
  readonly users:
    | { readonly type: 'user.signed_up' }
    | { readonly type: 'user.sign_up_repeated' }
    | { readonly type: 'user.email_verified' }
    | { readonly type: 'user.password_changed' }
    | { readonly type: 'user.password_reset' }
    | { readonly type: 'user.password_rehashed' }
    | { readonly type: 'user.signed_out_everywhere' }
    | { readonly type: 'user.suspended'; readonly reason: AdminReason }
    | { readonly type: 'user.unsuspended'; readonly reason: AdminReason }
    | { readonly type: 'user.role_changed'; readonly role: 'user' | 'admin'; readonly reason: AdminReason }
    | { readonly type: 'user.sessions_ended'; readonly reason: AdminReason }
    | { readonly type: 'user.deleted'; readonly rows: number }
    | {
        readonly type: 'session.refused'
        readonly reason: 'password' | 'second_factor' | 'recovery_code' | 'passkey' | 'suspended' | 'unverified'
      }
  readonly sessions:
    | { readonly type: 'session.started'; readonly method: 'sign_up' | 'reset' | ProofMethod }
    | { readonly type: 'session.reauthenticated'; readonly method: ProofMethod }
    | { readonly type: 'session.ended'; readonly by: 'sign_out' | 'revocation' | 'expiry' }
  readonly second_factors:
    | { readonly type: 'second_factor.added'; readonly kind: 'totp' }
    | { readonly type: 'second_factor.opened' }
    | { readonly type: 'second_factor.confirmed' }
    | { readonly type: 'second_factor.used' }
    | { readonly type: 'second_factor.removed' }
  readonly passkeys:
    | { readonly type: 'passkey.added' }
    | { readonly type: 'passkey.used' }
    | { readonly type: 'passkey.relabelled' }
    | { readonly type: 'passkey.removed' }
  readonly recovery_codes:
    | { readonly type: 'recovery_code.made' }
    | { readonly type: 'recovery_code.used' }
    | { readonly type: 'recovery_code.withdrawn' }
  readonly known_devices: { readonly type: 'device.noted' } | { readonly type: 'device.forgotten' }
  readonly mail_tokens:
    | { readonly type: 'mail_token.issued'; readonly purpose: 'verify_email' | 'reset_password' }
    | { readonly type: 'mail_token.used'; readonly purpose: 'verify_email' | 'reset_password' }
    | { readonly type: 'mail_token.withdrawn' }
  readonly provider_keys:
    | { readonly type: 'key.added'; readonly provider: Provider }
    | { readonly type: 'key.used'; readonly purpose: 'run'; readonly runId: RunId }
    | { readonly type: 'key.used'; readonly purpose: 'verification' | 'models' }
    | { readonly type: 'key.verified' }
    | { readonly type: 'key.refused' }
    | { readonly type: 'key.replaced' }
    | { readonly type: 'key.relabelled' }
    | { readonly type: 'key.deleted' }
  readonly api_keys:
    | { readonly type: 'api_key.issued'; readonly scopes: readonly TokenScope[] }
    | { readonly type: 'api_key.revoked' }
  readonly runs:
    | { readonly type: 'run.started'; readonly providerKeyId: ProviderKeyId; readonly comparisonId?: Id<'comparison'> }
    | { readonly type: 'run.streaming' }
    | { readonly type: 'run.cancel_requested' }
    | { readonly type: 'run.finished'; readonly state: FinalState }
    | { readonly type: 'run.deleted' }
  readonly exports:
    | { readonly type: 'export.started' }
    | { readonly type: 'export.streaming' }
    | { readonly type: 'export.finished'; readonly rows: number }
    | { readonly type: 'export.abandoned'; readonly reason: ExportEnd }
  readonly billing_accounts: { readonly type: 'billing.opened' } | { readonly type: 'billing.linked' }
  readonly subscriptions: { readonly type: 'subscription.changed'; readonly status: SubscriptionStatus }
  readonly incidents:
    | { readonly type: 'incident.opened'; readonly severity: Severity }
    | { readonly type: 'incident.updated'; readonly state: IncidentState; readonly severity: Severity }
  readonly key_versions:
    | { readonly type: 'key_version.rekeyed'; readonly rows: number }
    | { readonly type: 'key_version.abandoned' }
  /** Of no table: the file itself. */
  readonly database: { readonly type: 'database.compacted'; readonly bytesBefore: number; readonly bytesAfter: number }
  readonly payment_events: { readonly type: 'payment.received'; readonly outcome: 'applied' | 'superseded' }
}

/** What a person gave to prove to be the owner of an account. */
export type ProofMethod = 'password' | 'password_and_totp' | 'password_and_recovery_code' | 'passkey'

/** Why an administrator acted: a word of a fixed set, since free text could name a person. */
export const adminReasons = ['abuse', 'security', 'user_request', 'staffing', 'mistake', 'test'] as const

export type AdminReason = (typeof adminReasons)[number]

/** Why an export ended before its last byte was taken. */
export type ExportEnd = 'client_gone' | 'revoked' | 'failed' | 'shutdown' | 'stalled' | 'replaced'

export type AuditedTable = keyof AuditEvents

/** An event about a row of table `T`. */
export type AuditEvent<T extends AuditedTable = AuditedTable> = AuditEvents[T]

/** The subject of the chain for what belongs to the house and to no user: incidents, and the master key. */
export const houseSubject = 'house' as UserId

/** Who did it. `requestId` finds the request in the log. */
export interface Actor {
  readonly kind: 'user' | 'api_key' | 'admin' | 'system'
  readonly id: string
  readonly requestId: string
}
