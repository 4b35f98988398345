/** A backup or a restore that must not go on. The message tells a person why, and holds no secret. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}
