import * as z from 'zod'
import { idOf } from '../../core/ids.ts'

/** An account as an administrator sees it. Times are milliseconds since the epoch. */
export const accountFacts = z.object({
  id: idOf('user'),
  role: z.enum(['user', 'admin']),
  status: z.enum(['active', 'suspended']),
  emailVerifiedAt: z.int().nullable(),
  createdAt: z.int(),
})
