import * as z from 'zod'
import { idOf } from '../../core/ids.ts'

/** What its owner sees of a passkey. `backedUp` tells that a password manager keeps it in more than one place. */
export const passkeySummary = z.object({
  id: idOf('passkey'),
  label: z.string(),
  backedUp: z.boolean(),
  lastUsedAt: z.int().nullable(),
  createdAt: z.int(),
})
