import { secondFactors } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const secondFactorsSection = tableSection(secondFactors, {
  file: 'second-factors.ndjson',
  holds: 'that a second factor is set up, without its secret',
  columns: ['id', 'confirmedAt', 'createdAt'],
  leftOut: { userId: ofAccount, secret: 'a secret', lastStep: 'tells which code was used last' },
})
