import type { ReadAnswer } from '../../support/browser.ts'
import { scopeOf } from '../../support/seed.ts'
import type { Lab, Person } from '../runs/lab.ts'

/** A signed-in administrator, whom nobody promoted over the API. */
export async function administrator(lab: Lab): Promise<Person> {
  const person = await lab.person()
  const promoted = { type: 'user.role_changed', role: 'admin', reason: 'test' } as const
  await scopeOf(lab.oort.platform, person.userId).write((tx) => tx.updateProfile({ role: 'admin' }, promoted))
  return person
}

export interface Overview {
  readonly id: string
  readonly role: string
  readonly status: string
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

export interface Entry {
  readonly position: number
  readonly subjectId: string
  readonly seq: number
  readonly ts: number
  readonly actorKind: string
  readonly actorId: string
  readonly action: string
  readonly targetId: string
  readonly detail: Readonly<Record<string, unknown>>
}

export function codeOf(answer: ReadAnswer): string {
  return `${answer.status} ${String(answer.json<{ code?: string }>().code ?? '')}`.trim()
}

/** Something done to an account: `act(admin, person, 'suspend', { reason: 'abuse' })`. */
export function act({ browser }: Person, { userId }: Person, what: string, body: unknown): Promise<ReadAnswer> {
  return browser.post(`/api/admin/users/${userId}/${what}`, body)
}
