import { defineConfig } from 'vitest/config'

/** The long forms, one after another: a kill loop beside another test would measure that. See run.ts. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    environment: 'node',
    include: [
      'tests/faults/**/*.test.ts',
      'tests/core/store/rekey.test.ts',
      'tests/functions/payments/crash.test.ts',
      'tests/infra/backup/make-backup.test.ts',
    ],
    env: { OORT_TESTS_LONG: '1' },
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 120_000,
    reporters: process.env['CI'] === undefined ? ['verbose'] : ['verbose', 'json'],
    outputFile: { json: 'tests/.artifacts/faults.json' },
  },
})
