import type { Capability } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { signIn } from './sign-in.ts'

export function auth(platform: Platform): Capability {
  return { name: 'auth', operations: [signIn(platform)] }
}
