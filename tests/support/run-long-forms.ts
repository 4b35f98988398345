import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './source-graph.ts'

/**
 * Runs the long forms of a suite, tests/<suite>/vitest.config.ts, as `npm run test:<suite> -- [--seed <n>] [filter …]`:
 * tells the seed, which repeats a run, and ends with vitest's own status.
 */
export function runLongForms(suite: 'faults' | 'attacks'): void {
  const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true })
  const seed = values.seed ?? String(randomInt(2 ** 31))
  process.stdout.write(`The ${suite} with the seed ${seed}: repeat them with npm run test:${suite} -- --seed ${seed}\n`)

  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const config = join(root, 'tests', suite, 'vitest.config.ts')
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', config, ...positionals], {
    stdio: 'inherit',
    env: { ...process.env, OORT_TESTS_SEED: seed },
  })
  process.exitCode = status ?? 1
}
