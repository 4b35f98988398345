import type { Profile } from '../../../core/scope/profile.ts'
import { inPages } from './in-pages.ts'
import type { Section } from './section.ts'

export const profileSection: Section = {
  file: 'profile.ndjson',
  holds: 'the account: e-mail address, role, state',
  count: async () => 1,
  pages: (scope) =>
    inPages(
      async (_limit, last: Profile | undefined) => (last === undefined ? [await scope.profile()] : []),
      ({ epoch: _, ...profile }) => profile,
    ),
}
