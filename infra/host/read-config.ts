import { type Config, parseConfig } from '../../core/config.ts'
import { explainFailure } from './explain-failure.ts'
import { loadSettings } from './load-settings.ts'

/**
 * The configuration for a process that starts others. What a settings file adds is taken out of its own environment
 * again, which they inherit: they read the file themselves. Says why and ends the process where it is at fault.
 */
export function readConfig(): Config {
  const own = new Set(Object.keys(process.env))
  try {
    loadSettings()
    return parseConfig(process.env)
  } catch (error) {
    const { message, exitCode } = explainFailure(error)
    process.stderr.write(`${message}\n`)
    return process.exit(exitCode)
  } finally {
    for (const name of Object.keys(process.env)) if (!own.has(name)) delete process.env[name]
  }
}
