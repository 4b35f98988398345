import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Clock } from '../../../core/clock.ts'
import { type Config, parseConfig } from '../../../core/config.ts'
import { backupsOf } from '../../../infra/backup/backup-settings.ts'
import { makeBackup } from '../../../infra/backup/make-backup.ts'
import { type RestoreOptions, restoreBackup } from '../../../infra/backup/restore-backup.ts'
import { openVault, type Vault } from '../../../infra/backup/vault.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

/** A house with backups, in a folder unless `env` says otherwise. */
export interface Lab {
  readonly house: SmallHouse
  readonly config: Config
  readonly vault: Vault
  /** The folder of the backups. */
  readonly target: string
  backUp(clock?: Clock): ReturnType<typeof makeBackup>
  /** Into a new folder, unless told otherwise. */
  restore(options?: Partial<RestoreOptions>, clock?: Clock): ReturnType<typeof restoreBackup>
  /** A folder that goes with the lab. */
  folder(): Promise<string>
  close(): Promise<void>
}

export async function openLab(given: Readonly<Record<string, string>> = {}): Promise<Lab> {
  const root = await mkdtemp(join(tmpdir(), 'oort-backup-'))
  const target = join(root, 'backups')
  const dataDir = join(root, 'data')
  const env = {
    OORT_BACKUP_TARGET: pathToFileURL(target).href,
    OORT_BACKUP_KEY: randomBytes(32).toString('base64'),
    ...given,
  }
  const house = await openHouse({ dataDir, env })
  const config = parseConfig(house.env)
  const vault = await openVault(backupsOf(config))
  const folder = () => mkdtemp(join(root, 'folder-'))
  return {
    house,
    config,
    vault,
    target,
    folder,
    backUp: (clock) => makeBackup(vault, { dataDir, keepDays: backupsOf(config).keepDays }, clock),
    restore: async (options = {}, clock = undefined) =>
      restoreBackup(vault, config, { backup: undefined, into: await folder(), ...options }, clock),
    async close() {
      vault.target.close()
      await house.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
