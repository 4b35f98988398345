import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, ConfigError, parseConfig } from '../../core/config.ts'
import { createPlatform, type Platform } from '../../core/platform.ts'
import { openStore } from '../../core/store/open-store.ts'
import { databaseName } from '../../core/store/sqlite/open-sqlite.ts'
import type { Store } from '../../core/store/store.ts'
import { loadSettings } from '../host/load-settings.ts'

/** The configuration that the hosts run under, and of the log what deserves attention alone. */
export function readConfig(): Config {
  loadSettings()
  return parseConfig({ OORT_LOG_LEVEL: 'warn', ...process.env })
}

/**
 * Lends the database and its keys to one command; the log goes to standard error. A running Oort is not disturbed: both
 * work on the database in turns. Throws ConfigError where there is no database: a command never makes one.
 */
export async function withPlatform<T>(work: (platform: Platform) => Promise<T>): Promise<T> {
  const config = readHouse()
  const platform = await createPlatform(config, { logTo: process.stderr })
  try {
    return await work(platform)
  } finally {
    await platform.close()
  }
}

/** As `withPlatform`, for what is to be done to a database that its keys do not open: it stays sealed. */
export async function withStore<T>(work: (store: Store, config: Config) => Promise<T>): Promise<T> {
  const config = readHouse()
  const store = await openStore(config)
  try {
    return await work(store, config)
  } finally {
    await store.close()
  }
}

/**
 * For commands on SQLite's file. Throws ConfigError where PostgreSQL keeps the records: what is in a file beside it would
 * be something else.
 */
export function demandSqlite({ databaseUrl }: Pick<Config, 'databaseUrl'>, instead: string): void {
  if (databaseUrl === undefined) return
  throw new ConfigError(`DATABASE_URL: this works on SQLite's file, and PostgreSQL keeps the records. ${instead}`)
}

function readHouse(): Config {
  const config = readConfig()
  if (config.databaseUrl === undefined && !existsSync(join(config.dataDir, databaseName))) {
    throw new ConfigError(`OORT_DATA_DIR: there is no database in ${config.dataDir}`)
  }
  return config
}
