import { billingAccounts } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const billingAccountsSection = tableSection(billingAccounts, {
  file: 'billing-accounts.ndjson',
  holds: 'as whom the payment service knows you',
  columns: ['id', 'customerId', 'createdAt'],
  leftOut: { userId: ofAccount },
})
