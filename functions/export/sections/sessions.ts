import { sessions } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const sessionsSection = tableSection(sessions, {
  file: 'sessions.ndjson',
  holds: 'signed-in browsers',
  columns: ['id', 'authenticatedAt', 'lastSeenAt', 'createdAt'],
  open: ['device'],
  leftOut: { userId: ofAccount },
})
