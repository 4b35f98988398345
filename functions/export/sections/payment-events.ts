import { paymentEvents } from '../../../core/store/schema.ts'
import { ofAccount, tableSection } from './table-section.ts'

export const paymentEventsSection = tableSection(paymentEvents, {
  file: 'payment-events.ndjson',
  holds: 'what the payment service told of you, word for word, newest first',
  columns: ['id', 'stripeId', 'type', 'outcome', 'occurredAt', 'createdAt'],
  open: ['payload'],
  leftOut: { userId: ofAccount },
})
