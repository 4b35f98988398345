import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

// `npm run bench [name …]`: runs each benchmark of this folder, or those named, one after the other, in a process of
// its own. Figures depend on the machine: compare them within one run.

const wanted = process.argv.slice(2)
const self = basename(import.meta.filename)
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== self)
  .map((file) => basename(file, '.ts'))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .sort()

for (const name of names) {
  process.stdout.write(`── ${name}\n`)
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
