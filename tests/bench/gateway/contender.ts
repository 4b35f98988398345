/** One who is measured: where it listens, and what a request to it carries. */
export interface Contender {
  readonly name: string
  /** What a reader of its figures has to know of it. */
  readonly note?: string
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
  readonly pid?: number | undefined
  /** Resident memory of its processes, in bytes, where it is one of ours. */
  memory?(): Promise<number>
  stop(): Promise<void>
}

/** What is asked of each of them. */
export interface Scenario {
  readonly name: 'JSON' | 'SSE'
  /** The body of the request. */
  readonly body: string
  /** The origin of the provider that answers. */
  readonly provider: string
}
