import type { BackupConfig } from '../../core/backup/backup-config.ts'
import { type Config, ConfigError } from '../../core/config.ts'

/** The backups of a configuration. Throws ConfigError where it has none. */
export function backupsOf(config: Config): BackupConfig {
  if (config.backups === undefined) throw new ConfigError('OORT_BACKUP_TARGET is not set: there are no backups')
  return config.backups
}
