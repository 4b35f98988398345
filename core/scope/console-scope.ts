import type { Actor } from '../audit/events.ts'
import { newId } from '../ids.ts'

/** Whoever has the machine's console: what is done there stands in the audit log as the system's own doing. */
export function consoleActor(): Actor {
  return { kind: 'system', id: 'console', requestId: newId('request') }
}
