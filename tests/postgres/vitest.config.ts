import { configDefaults, defineConfig, mergeConfig } from 'vitest/config'
import standard from '../../vitest.config.ts'
import { ofSqliteAlone } from './of-sqlite-alone.ts'

/** Everything that goes by what Oort does rather than by where it keeps it, on PostgreSQL. See run.ts. */
export default mergeConfig(
  // Lists are joined: what is built beforehand is built by setup.ts.
  { ...standard, test: { ...standard.test, globalSetup: [] } },
  defineConfig({
    test: {
      globalSetup: ['tests/postgres/setup.ts'],
      root: new URL('../..', import.meta.url).pathname,
      include: [
        'tests/core/**/*.test.ts',
        'tests/functions/**/*.test.ts',
        'tests/security/**/*.test.ts',
        'tests/postgres/**/*.test.ts',
      ],
      exclude: [...configDefaults.exclude, ...ofSqliteAlone],
      outputFile: { json: 'tests/.artifacts/postgres.json' },
    },
  }),
)
