/** An account as an administrator sees it. Times are milliseconds UTC. */
export interface Account {
  readonly id: string
  readonly role: 'user' | 'admin'
  readonly status: 'active' | 'suspended'
  readonly emailVerifiedAt: number | null
  readonly createdAt: number
  readonly lastSeenAt: number | null
  readonly secondFactor: boolean
  readonly plan: string
  readonly runs: number
  readonly providerKeys: number
  readonly apiKeys: number
  readonly sessions: number
  readonly passkeys: number
}

export interface AuditEntry {
  readonly position: number
  readonly subjectId: string
  readonly seq: number
  readonly ts: number
  readonly actorKind: 'user' | 'api_key' | 'admin' | 'system'
  readonly actorId: string
  readonly action: string
  readonly targetKind: string
  readonly targetId: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly requestId: string
}

export interface Verdict {
  readonly rows: number | null
  readonly chains: number | null
  readonly unwitnessed: number | null
  readonly fault: {
    readonly kind: 'edited' | 'dropped' | 'reordered' | 'inserted' | 'truncated' | 'rebuilt' | 'checkpoint_broken'
    readonly subjectId: string | null
    readonly seq: number | null
    readonly line: number | null
  } | null
}

export interface ParkedEvent {
  readonly id: string
  readonly stripeId: string
  readonly type: string
  readonly reason: 'unknown_customer' | 'unreadable'
  readonly customerId: string | null
  readonly occurredAt: number
  readonly createdAt: number
}

export interface Health {
  readonly version: string
  readonly database: {
    readonly bytes: number
    readonly walBytes: number | null
    readonly diskFreeBytes: number | null
    readonly waiting: number
    readonly settings: Readonly<Record<string, string | number>> | null
  }
  readonly keyVersions: readonly {
    readonly version: number
    readonly state: 'current' | 'previous' | 'unknown'
    readonly values: number
  }[]
  readonly instances: readonly { readonly id: string; readonly host: string; readonly pid: number }[]
  readonly runsUnderWay: number
  readonly lastCheckpoint: { readonly n: number; readonly ts: number; readonly rows: number } | null
  readonly configured: { readonly mail: boolean; readonly payments: boolean }
}
