import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { postgresPrograms } from '../support/postgres-cluster.ts'
import { root } from '../support/source-graph.ts'

// The suite on PostgreSQL: npm run test:postgres -- [filter …].
if (postgresPrograms === undefined) {
  process.stderr.write('The programs of PostgreSQL are missing: install Debian’s package postgresql and try again\n')
  process.exit(1)
}
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const config = join(root, 'tests/postgres/vitest.config.ts')
const filters = process.argv.slice(2)
const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', config, ...filters], { stdio: 'inherit' })
process.exitCode = status ?? 1
