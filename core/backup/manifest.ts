import * as z from 'zod'

const file = z.strictObject({ bytes: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })

/** What a backup is. It lies beside the backup, sealed like it, and is written last: without it there is no backup. */
export const manifest = z.strictObject({
  version: z.literal('oort-backup/1'),
  id: z.string(),
  /** When the snapshot was taken. Milliseconds since the epoch. */
  takenAt: z.int(),
  /** Of the plain files, as they were before compression. */
  database: file,
  checkpoints: file,
  pages: z.int(),
  /** How many migrations had been applied. */
  schemaVersion: z.int(),
  /** The versions of the master key under which values may be sealed. */
  keyVersions: z.array(z.int()),
  auditRows: z.int(),
  /** The last signed checkpoint of the audit log: its number and the SHA-256 of its line. Null where there was none. */
  checkpoint: z.strictObject({ n: z.int(), hash: z.string() }).nullable(),
})

export type Manifest = z.output<typeof manifest>
