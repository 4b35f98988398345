import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Dialect } from './dialect.ts'

/** Where the migrations of an engine lie: beside this file, and the build copies them beside each bundle. */
export function migrationsOf(engine: Dialect['engine']): string {
  return join(fileURLToPath(new URL('./migrations', import.meta.url)), engine)
}
