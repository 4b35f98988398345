import type { Platform } from '../../core/platform.ts'
import type { Person } from '../functions/runs/lab.ts'
import { scopeOf } from '../support/seed.ts'
import type { Visitor } from './lab.ts'

export async function setRole(platform: Platform, { userId }: Person, role: 'admin' | 'user'): Promise<void> {
  const event = { type: 'user.role_changed', role, reason: 'test' } as const
  await scopeOf(platform, userId).write((tx) => tx.updateProfile({ role }, event))
}

/** Makes the visitor an administrator who is signed in. */
export async function asAdmin(platform: Platform, visitor: Visitor): Promise<Person> {
  const person = await visitor.signIn()
  await setRole(platform, person, 'admin')
  return person
}
