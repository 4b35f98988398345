import { apiKeys } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const apiKeysSection = tableSection(apiKeys, {
  file: 'api-keys.ndjson',
  holds: 'the API keys issued to your programs: what is known of each, never the key',
  columns: ['id', 'name', 'lastFour', 'scopes', 'expiresAt', 'lastUsedAt', 'createdAt'],
  leftOut: { userId: ofAccount },
})
