import { passkeys } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const passkeysSection = tableSection(passkeys, {
  file: 'passkeys.ndjson',
  holds: 'passkeys that are set up, as the site knows them',
  columns: ['id', 'label', 'credentialId', 'transports', 'backedUp', 'lastUsedAt', 'createdAt'],
  leftOut: { userId: ofAccount, publicKey: 'of use to this site alone', counter: 'of use to this site alone' },
})
