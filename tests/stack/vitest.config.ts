import { defineConfig } from 'vitest/config'

/**
 * Apart from the other tests, and after them: containers take both cores, and a test that measures time beside them
 * would measure that.
 */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    environment: 'node',
    include: ['tests/stack/**/*.test.ts'],
    globalSetup: ['tests/stack/build-images.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: 'tests/.artifacts/stack.json' },
  },
})
