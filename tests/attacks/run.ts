import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

// The long forms of the attack suite: npm run test:attacks -- [--seed <n>] [filter …]. Tells the seed, which repeats a run.

const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true })
const seed = values.seed ?? String(randomInt(2 ** 31))
process.stdout.write(`Attacks with the seed ${seed}: repeat them with npm run test:attacks -- --seed ${seed}\n`)

const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs')
const config = join(import.meta.dirname, 'vitest.config.ts')
const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', config, ...positionals], {
  stdio: 'inherit',
  env: { ...process.env, OORT_ATTACKS_SEED: seed },
})
process.exitCode = status ?? 1
