import { defineConfig } from 'vitest/config'

/** The long forms, one after another: what is measured under attack would measure another test beside it. See run.ts. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    environment: 'node',
    include: [
      'tests/attacks/**/*.test.ts',
      'tests/core/session/session-cookie.test.ts',
      'tests/security/**/*.test.ts',
      'tests/functions/runs/hostile-provider.test.ts',
    ],
    globalSetup: ['tests/support/build-pages.ts'],
    env: { OORT_TESTS_LONG: '1' },
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 10_000 } },
    reporters: process.env['CI'] === undefined ? ['verbose'] : ['verbose', 'json'],
    outputFile: { json: 'tests/.artifacts/attacks.json' },
  },
})
