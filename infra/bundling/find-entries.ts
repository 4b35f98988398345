import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/**
 * The entry points found on disk: `index.ts` and `lambda.ts` of each function, the two servers, the command line
 * and the runtime for Lambda.
 * Relative to the repository, sorted.
 */
export async function findEntries(): Promise<readonly string[]> {
  const patterns = [
    { dir: 'functions', depth: 2, files: ['index.ts', 'lambda.ts'] },
    { dir: 'infra', depth: 1, files: ['router.ts', 'serve.ts'] },
    { dir: 'infra/cli', depth: 1, files: ['oort.ts'] },
    { dir: 'infra/lambda', depth: 1, files: ['runtime.ts'] },
  ]
  const found = await Promise.all(
    patterns.map(async ({ dir, depth, files }) => {
      const entries = await readdir(join(root, dir), { recursive: true }).catch(() => [])
      return entries
        .filter((path) => path.split('/').length === depth && files.includes(path.split('/').at(-1) ?? ''))
        .map((path) => `${dir}/${path}`)
    }),
  )
  return found.flat().sort()
}
