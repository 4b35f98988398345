import { Option } from 'commander'
import { adminReasons } from '../../core/audit/events.ts'

/** Why it is done, for the audit log: a word of a fixed set, since free text could name a person. */
export function reasonOption(): Option {
  return new Option('--reason <word>', 'why, for the audit log').choices(adminReasons)
}
