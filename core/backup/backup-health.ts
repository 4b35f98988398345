import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Platform } from '../platform.ts'

/** How the last try went, as the process that makes backups tells it: a file in the data folder. */
export const backupHealthFile = 'backup-health.json'

const backupHealth = z.object({
  ok: z.boolean(),
  /** When it was tried. Milliseconds since the epoch. */
  at: z.int(),
  /** The last backup that was made by that process. */
  backup: z.string().nullable(),
})

export type BackupHealth = z.output<typeof backupHealth>

/** Undefined where no backups are made beside this Oort, or none that tell of themselves here. */
export async function readBackupHealth({ config }: Pick<Platform, 'config'>): Promise<BackupHealth | undefined> {
  const told: unknown = await readFile(join(config.dataDir, backupHealthFile), 'utf8')
    .then((text) => JSON.parse(text))
    .catch(() => undefined)
  return backupHealth.safeParse(told).data
}
