import { recoveryCodes } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const recoveryCodesSection = tableSection(recoveryCodes, {
  file: 'recovery-codes.ndjson',
  holds: 'recovery codes that were not used yet, without the codes',
  columns: ['id', 'createdAt'],
  leftOut: { userId: ofAccount },
})
