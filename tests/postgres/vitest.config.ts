import { configDefaults, defineConfig } from 'vitest/config'
import standard from '../../vitest.config.ts'
import { ofSqliteAlone } from './of-sqlite-alone.ts'

/** Everything that goes by what Oort does rather than by where it keeps it, on PostgreSQL. See run.ts. */
export default defineConfig({
  test: {
    ...standard.test,
    root: new URL('../..', import.meta.url).pathname,
    // Builds what the standard setup builds, too.
    globalSetup: ['tests/postgres/setup.ts'],
    include: ['browser', 'core', 'functions', 'infra', 'security', 'postgres'].map(
      (folder) => `tests/${folder}/**/*.test.ts`,
    ),
    exclude: [...configDefaults.exclude, ...ofSqliteAlone],
    outputFile: { json: 'tests/.artifacts/postgres.json' },
  },
})
