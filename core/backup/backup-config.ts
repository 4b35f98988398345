import { fileURLToPath } from 'node:url'
import { refuseWeakSecret } from '../crypto/secret-strength.ts'

/** Where backups go. */
export type BackupTarget =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 's3'
      readonly bucket: string
      /** Put before each object's name: empty, or with a slash at its end. */
      readonly prefix: string
      /** Undefined for Amazon's own. */
      readonly endpoint: string | undefined
      readonly region: string
      /** Undefined where the AWS SDK finds credentials by itself, such as those of the machine's role. */
      readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
    }

export interface BackupConfig {
  /** Seals backups, and is no other key. */
  readonly key: string
  readonly target: BackupTarget
  /** Backups older than this are removed after a newer one was made. Days. */
  readonly keepDays: number
}

export interface BackupEnvironment {
  readonly OORT_BACKUP_TARGET?: string | undefined
  readonly OORT_BACKUP_KEY?: string | undefined
  readonly OORT_BACKUP_KEEP_DAYS: number
  readonly OORT_BACKUP_S3_ENDPOINT?: string | undefined
  readonly OORT_BACKUP_S3_REGION: string
  readonly OORT_BACKUP_S3_ACCESS_KEY_ID?: string | undefined
  readonly OORT_BACKUP_S3_SECRET_ACCESS_KEY?: string | undefined
}

/** What was deleted must be gone from backups too, in time. Source: OWASP ASVS 5.0, 14.2.7. */
export const longestKeepDays = 30

/**
 * Backups as they are configured, or undefined where they have no target. Each problem goes to `report`, which names
 * variables and no value. `others` are the secrets that the backup key must not be.
 */
export function readBackupConfig(
  values: BackupEnvironment,
  others: readonly (string | undefined)[],
  report: (problem: string) => void,
): BackupConfig | undefined {
  if (values.OORT_BACKUP_TARGET === undefined) return undefined
  const key = values.OORT_BACKUP_KEY ?? ''
  const weakness = refuseWeakSecret(key)
  if (weakness !== undefined) report(`OORT_BACKUP_KEY ${weakness}`)
  // Whoever holds a backup and its key must not hold what opens the sealed values in it.
  if (key !== '' && others.includes(key)) report('OORT_BACKUP_KEY must differ from every other secret')
  const keepDays = values.OORT_BACKUP_KEEP_DAYS
  if (keepDays > longestKeepDays) report(`OORT_BACKUP_KEEP_DAYS must be at most ${longestKeepDays}`)
  const target = readTarget(values)
  if (typeof target === 'string') {
    report(target)
    return undefined
  }
  return { key, target, keepDays }
}

/** The target, or what is wrong with it. */
function readTarget(values: BackupEnvironment): BackupTarget | string {
  const url = URL.parse(values.OORT_BACKUP_TARGET ?? '')
  const accessKeyId = values.OORT_BACKUP_S3_ACCESS_KEY_ID
  const secretAccessKey = values.OORT_BACKUP_S3_SECRET_ACCESS_KEY
  if (url?.protocol === 'file:' && url.host === '') return { kind: 'folder', path: fileURLToPath(url) }
  if (url?.protocol !== 's3:' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.host)) {
    return 'OORT_BACKUP_TARGET must be file:///an/absolute/path or s3://bucket/prefix'
  }
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    return 'OORT_BACKUP_S3_ACCESS_KEY_ID and OORT_BACKUP_S3_SECRET_ACCESS_KEY go together'
  }
  const path = decodeURIComponent(url.pathname).replaceAll(/^\/+|\/+$/g, '')
  return {
    kind: 's3',
    bucket: url.host,
    prefix: path === '' ? '' : `${path}/`,
    endpoint: values.OORT_BACKUP_S3_ENDPOINT,
    region: values.OORT_BACKUP_S3_REGION,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey },
  }
}
