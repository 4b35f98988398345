import type { ChainEntry } from '../../../core/scope/read-audit.ts'
import { inPages } from './in-pages.ts'
import type { Section } from './section.ts'

/** The user's audit chain up to the moment of the export, oldest first, with what its links can be followed by. */
export const auditSection: Section = {
  file: 'audit.ndjson',
  holds: 'the audit chain of the account, oldest entry first',
  async count(scope) {
    const [newest] = await scope.audit({ limit: 1 })
    return newest?.seq ?? 0
  },
  pages: (scope, { audit }) =>
    inPages((limit, last: ChainEntry | undefined) => {
      const after = last?.seq ?? 0
      return scope.chain({ after, limit: Math.min(limit, audit.entries - after) })
    }),
}
