import type { Capability } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { getUser } from './get-user.ts'

/** What administrators do: they see ids, counts and words of fixed sets, and nothing that a user wrote. */
export function admin(_platform: Platform): Capability {
  return {
    name: 'admin',
    operations: [getUser()],
  }
}
