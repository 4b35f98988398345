import type { Capability } from '../../core/http/operation.ts'
import { checkHealth } from './check-health.ts'

export function web(): Capability {
  return { name: 'web', operations: [checkHealth()] }
}
