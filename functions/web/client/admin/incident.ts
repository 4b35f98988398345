/** An incident as it is published, with what is owed about it. Times are milliseconds UTC. */
export interface Incident {
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly components: readonly string[]
  readonly state: 'investigating' | 'identified' | 'monitoring' | 'resolved'
  readonly startedAt: number
  readonly resolvedAt: number | null
  readonly postMortemUrl: string | null
  readonly updates: readonly {
    readonly id: string
    readonly state: Incident['state']
    readonly text: string
    readonly at: number
  }[]
  readonly nextUpdateDueAt: number | null
  readonly postMortemDueAt: number | null
  readonly overdue: readonly ('update' | 'post_mortem')[]
}

export type Severity = 'SEV1' | 'SEV2' | 'SEV3' | 'SEV4'

/** What a severity commits us to. */
export interface Commitment {
  readonly severity: Severity
  readonly meaning: string
  readonly firstNoticeWithinMinutes: number
  readonly updateEveryMinutes: number
  readonly postMortemWithinMinutes: number | null
}
