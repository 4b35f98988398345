import * as z from 'zod'
import { adminReasons } from '../../core/audit/events.ts'

/** Why an administrator acts, for the audit log of the account that is touched. */
export const reason = z.enum(adminReasons)
