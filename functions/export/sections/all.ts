import { idempotencyKeys, runAllowances, runReservations, runTerms } from '../../../core/store/schema.ts'
import { apiKeysSection } from './api-keys.ts'
import { auditSection } from './audit.ts'
import { billingAccountsSection } from './billing-accounts.ts'
import { exportsSection } from './exports.ts'
import { knownDevicesSection } from './known-devices.ts'
import { mailTokensSection } from './mail-tokens.ts'
import { passkeysSection } from './passkeys.ts'
import { paymentEventsSection } from './payment-events.ts'
import { profileSection } from './profile.ts'
import { providerKeysSection } from './provider-keys.ts'
import { recoveryCodesSection } from './recovery-codes.ts'
import { runsSection } from './runs.ts'
import { secondFactorsSection } from './second-factors.ts'
import type { Section } from './section.ts'
import { sessionsSection } from './sessions.ts'
import { subscriptionsSection } from './subscriptions.ts'

/** The files of an export, in their order. A table of users' rows that is in neither list fails a test. */
export const sections: readonly Section[] = [
  profileSection,
  providerKeysSection,
  apiKeysSection,
  runsSection,
  sessionsSection,
  secondFactorsSection,
  passkeysSection,
  recoveryCodesSection,
  knownDevicesSection,
  mailTokensSection,
  billingAccountsSection,
  subscriptionsSection,
  paymentEventsSection,
  exportsSection,
  auditSection,
]

/** Tables of users' rows that an export does without, and why. */
export const leftOut = [
  { table: runTerms, reason: 'Keyed hashes of the words of your prompts, for search: the prompts are in runs.ndjson.' },
  {
    table: idempotencyKeys,
    reason: 'Copies of answers, kept for a day for requests that are repeated: what they tell of is in runs.ndjson.',
  },
  { table: runAllowances, reason: 'How many runs a month your plan has counted.' },
  { table: runReservations, reason: 'Runs under way that the plan may come to count.' },
] as const
