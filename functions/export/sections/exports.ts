import { exports } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const exportsSection = tableSection(exports, {
  file: 'exports.ndjson',
  holds: 'exports that were made of the account, this one (then unfinished) among them',
  columns: ['id', 'sessionId', 'state', 'rowsTotal', 'rowsWritten', 'bytesWritten', 'createdAt', 'finishedAt'],
  leftOut: { userId: ofAccount, progressAt: 'a process of the server was heard of' },
})
