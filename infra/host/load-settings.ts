import { ConfigError } from '../../core/config.ts'

/**
 * Adds the variables of the file that `OORT_ENV_FILE` names to this process's own, where it names one; variables that
 * are set already win. A container is thus told its secrets by a mounted file, and they are in no listing of its
 * environment. Throws ConfigError when the file cannot be read.
 */
export function loadSettings(): void {
  const file = process.env['OORT_ENV_FILE']
  if (file === undefined || file === '') return
  try {
    process.loadEnvFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError(`OORT_ENV_FILE: ${file} cannot be read: ${code}`)
  }
}
