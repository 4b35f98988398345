import { mailTokens } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const mailTokensSection = tableSection(mailTokens, {
  file: 'mail-links.ndjson',
  holds: 'links that were sent by mail and not used yet, without their tokens',
  columns: ['id', 'purpose', 'expiresAt', 'createdAt'],
  leftOut: { userId: ofAccount },
})
