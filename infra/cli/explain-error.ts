import { CommanderError } from 'commander'
import { SnapshotDamaged } from '../../core/backup/snapshot.ts'
import { ConfigError } from '../../core/config.ts'
import { describeError } from '../../core/describe-error.ts'
import { OortError } from '../../core/errors.ts'
import { MoveError } from '../../core/store/migrate-to-postgres/move-error.ts'
import { MigrationError } from '../../core/store/missing-migrations.ts'
import { UnreachableError } from '../../core/store/postgres/connect-owner.ts'
import { SettingsError } from '../../core/store/postgres/demand-settings.ts'
import { StoreMovedError } from '../../core/store/sqlite/moved-mark.ts'
import { PragmaError } from '../../core/store/sqlite/pragmas.ts'
import { BackupError } from '../backup/backup-error.ts'
import { explainFailure } from '../host/explain-failure.ts'

export interface Explained {
  /** For people, on standard error; empty where all is said already. */
  readonly message: string
  /** 64 for a command line that makes no sense, 78 for a configuration that does not. Source: sysexits(3). */
  readonly exitCode: 0 | 1 | 64 | 78
}

/** What a start can fail with as well, and is explained there. */
const startFailures = [ConfigError, PragmaError, SettingsError, MigrationError, StoreMovedError, UnreachableError]

/** What to say of a command that did not come to its end, or that asked for help alone. */
export function explainError(error: unknown): Explained {
  if (error instanceof CommanderError) return { message: '', exitCode: error.exitCode === 0 ? 0 : 64 }
  if (error instanceof OortError) return { message: error.facts.detail ?? error.message, exitCode: 1 }
  if (startFailures.some((kind) => error instanceof kind)) return explainFailure(error)
  if (error instanceof BackupError || error instanceof SnapshotDamaged || error instanceof MoveError) {
    return { message: error.message, exitCode: 1 }
  }
  // Messages of foreign errors can quote what they failed on.
  return { message: `That failed: ${JSON.stringify(describeError(error))}`, exitCode: 1 }
}
