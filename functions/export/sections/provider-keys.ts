import { providerKeys } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const providerKeysSection = tableSection(providerKeys, {
  file: 'provider-keys.ndjson',
  holds: 'the provider keys you brought: what is known of each, never the key',
  columns: ['id', 'provider', 'label', 'lastFour', 'fingerprint', 'verifiedAt', 'createdAt', 'updatedAt'],
  leftOut: { userId: ofAccount, secret: 'a secret' },
})
