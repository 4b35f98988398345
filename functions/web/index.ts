import type { Capability, Operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { checkHealth } from './check-health.ts'
import { describeOperations } from './describe-operations.ts'
import { listErrors } from './list-errors.ts'
import { tellSecurityContact } from './tell-security-contact.ts'

/** What belongs to the site and to none of its capabilities. `hosted` are the operations that it describes. */
export function web(platform: Platform, hosted: () => readonly Operation[]): Capability {
  return {
    name: 'web',
    operations: [checkHealth(), describeOperations(platform, hosted), listErrors(), tellSecurityContact(platform)],
  }
}
