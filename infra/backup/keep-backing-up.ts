import { rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BackupHealth, backupHealthFile } from '../../core/backup/backup-health.ts'
import { minute } from '../../core/clock.ts'
import { ledgerFile } from '../../core/deletions/deletion.ts'
import type { MadeBackup } from './make-backup.ts'

export interface Rounds {
  readonly dataDir: string
  readonly everyMs: number
  readonly signal: AbortSignal
  backUp(): Promise<MadeBackup>
  shipDeletions(): Promise<unknown>
  /** One line for whoever reads along. */
  say(line: string): void
  /** What to say of an error. */
  explain(error: unknown): string
}

const lookEvery = minute
const tryAgainAfter = 10 * minute

/**
 * Makes a backup at once and then every `everyMs`, sends new deletions each minute, and ends when `signal` says so,
 * after what is under way. A backup that fails is said, written to the health file and tried again in ten minutes.
 */
export async function keepBackingUp(rounds: Rounds): Promise<void> {
  const { dataDir, everyMs, signal, say, explain } = rounds
  let backup: string | null = null
  let known = -1
  // By a clock that nobody sets: one that ran ahead and was set right would leave the next backup due in months.
  let due = performance.now()
  while (!signal.aborted) {
    if (performance.now() >= due) {
      const outcome = await tried(rounds.backUp)
      if ('error' in outcome) say(`backup failed: ${explain(outcome.error)}`)
      else {
        backup = outcome.value.manifest.id
        say(`backup ${backup} made`)
      }
      await tellHealth(dataDir, { ok: !('error' in outcome), at: Date.now(), backup })
      due = performance.now() + ('error' in outcome ? Math.min(tryAgainAfter, everyMs) : everyMs)
    }
    const { size } = await stat(join(dataDir, ledgerFile)).catch(() => ({ size: 0 }))
    if (size !== known) {
      const outcome = await tried(rounds.shipDeletions)
      if ('error' in outcome) say(`deletions not sent: ${explain(outcome.error)}`)
      else known = size
    }
    await sleep(Math.max(0, Math.min(lookEvery, due - performance.now())), undefined, { signal }).catch(() => undefined)
  }
}

async function tried<T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error }
  }
}

/** For a supervisor, and for /security. By renaming, so that no reader meets half of it. */
async function tellHealth(dataDir: string, health: BackupHealth): Promise<void> {
  const path = join(dataDir, backupHealthFile)
  await writeFile(`${path}.new`, `${JSON.stringify(health)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
