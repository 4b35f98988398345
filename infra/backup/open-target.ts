import type { BackupTarget } from '../../core/backup/backup-config.ts'
import { openFolderTarget } from './folder-target.ts'
import type { Target } from './target.ts'

/** The place that the configuration names. The AWS SDK is loaded for a bucket alone. */
export async function openTarget(target: BackupTarget): Promise<Target> {
  if (target.kind === 'folder') return openFolderTarget(target.path)
  const { openS3Target } = await import('./s3-target.ts')
  return openS3Target(target)
}
