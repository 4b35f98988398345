import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

// `npm run migration -- --name <what it does> [--custom]`: for each engine, the SQL of what changed in
// core/store/schema.ts, or with `--custom` an empty file for what drizzle-kit cannot derive. Both get the same name.

const root = join(import.meta.dirname, '..')
const drizzleKit = join(root, 'node_modules/drizzle-kit/bin.cjs')
const args = process.argv.slice(2)

if (!args.some((arg) => /^--name(=|$)/.test(arg))) {
  process.stderr.write('Use: npm run migration -- --name <what it does> [--custom]\n')
  process.exit(2)
}
for (const engine of ['sqlite', 'postgres']) {
  const generate = ['generate', '--config', `core/store/${engine}/drizzle.config.ts`, ...args]
  const { status } = spawnSync(process.execPath, [drizzleKit, ...generate], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
