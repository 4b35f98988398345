import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import type { Later } from './later.ts'

/** What the operations of this function share. */
export interface AuthParts {
  readonly platform: Platform
  readonly mailer: Mailer
  readonly later: Later
}
