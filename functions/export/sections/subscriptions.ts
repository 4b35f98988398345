import { subscriptions } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const subscriptionsSection = tableSection(subscriptions, {
  file: 'subscriptions.ndjson',
  holds: 'your subscriptions, as the payment service last told of them',
  columns: ['id', 'stripeId', 'status', 'priceIds', 'periodEndsAt', 'endsAt', 'createdAt', 'updatedAt'],
  leftOut: { userId: ofAccount, position: 'orders the events that were received' },
})
