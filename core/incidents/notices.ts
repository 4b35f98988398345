import * as z from 'zod'
import { idOf } from '../ids.ts'
import { looksLikeKey } from '../keys/looks-like-key.ts'
import { components, incidentStates, severities } from './terms.ts'

/** Control characters but the line feed, and marks that turn the direction of writing. */
const unprintable = /[^\P{Cc}\n]|[\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

const published = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((text) => !unprintable.test(text), 'Control characters are not allowed')
    .refine((text) => !looksLikeKey(text), 'This looks like a key, and everybody will read it')

const notice = published(4_000)

/** How an incident is opened, by whichever door: plain text that everybody will read. `startedAt` is now unless told. */
export const newIncident = z.strictObject({
  severity: z.enum(severities),
  title: published(120).refine((text) => !text.includes('\n'), 'A title has one line'),
  components: z
    .array(z.enum(components))
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'A component is named once'),
  text: notice,
  state: z.enum(incidentStates).exclude(['resolved']).default('investigating'),
  startedAt: z.int().min(0).optional(),
})

export type NewIncident = z.output<typeof newIncident>

/** A further notice, which can move the incident on, change its severity, and name where its analysis is published. */
export const newUpdate = z.strictObject({
  state: z.enum(incidentStates),
  text: notice,
  severity: z.enum(severities).optional(),
  postMortemUrl: z
    .url({ protocol: /^https$/ })
    .max(500)
    .refine((url) => !/[@\s]/.test(url), 'An address without a name or password in it')
    .optional(),
  /** The newest notice that its writer has seen; whoever names none publishes whatever was published since. */
  newestSeen: idOf('incidentUpdate').optional(),
})

export type NewUpdate = z.output<typeof newUpdate>
