import { configDefaults, defineConfig } from 'vitest/config'

/** Where `.ci/run` reads its counts: what vitest itself recorded, not what a log happens to say. */
const report = 'tests/.artifacts/vitest.json'
const unattended = process.env['CI'] !== undefined

export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/**/*.test.ts'],
    // Those have a configuration of their own, and run when these are done.
    exclude: [...configDefaults.exclude, 'tests/stack/**'],
    globalSetup: ['tests/support/build-pages.ts'],
    // Real servers, SQLite files and child processes: forks keep native modules and exit codes apart.
    pool: 'forks',
    // They wait for half of their time: three keep two cores busy.
    maxWorkers: 3,
    testTimeout: 30_000,
    // What is waited for comes when it does: a busy machine is no failure.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 30_000,
    // A browser's step that a busy machine kept waiting is tried once more, and named in the report; an assertion never.
    retry: unattended ? { count: 1, condition: /Timeout \d+ms exceeded/ } : 0,
    teardownTimeout: 10_000,
    reporters: unattended ? ['default', 'json'] : ['default'],
    outputFile: { json: report },
  },
})
