import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { inject } from 'vitest'
import { build } from '../../infra/bundling/build.ts'
import type { Bundle } from '../../infra/bundling/bundle-entry.ts'
import { root } from './source-graph.ts'

/** How long a test file waits for the build: a hook's time limit. Milliseconds; two cores may be busy with others. */
export const buildTime = 240_000

export interface Built {
  /** What `npm run build` writes, with `node_modules` beside it. For reading alone: other tests use it too. */
  readonly dist: string
  readonly bundles: ReadonlyMap<string, Bundle>
}

/**
 * The bundles of this run of tests: the first test file that asks builds them, others wait for it. Rejects for all when
 * a source does not compile.
 */
export async function built(): Promise<Built> {
  const folder = inject('buildFolder')
  const [dist, outcome] = [join(folder, 'dist'), join(folder, 'outcome.json')]
  const first = await mkdir(join(folder, 'claimed')).then(
    () => true,
    () => false,
  )
  if (first) {
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const made = await build(dist).catch((error: unknown) => String(error))
    await writeFile(`${outcome}.draft`, JSON.stringify(made))
    await rename(`${outcome}.draft`, outcome)
  }
  const made = JSON.parse(await whenWritten(outcome)) as readonly Bundle[] | string
  if (typeof made === 'string') throw new Error(made)
  return { dist, bundles: new Map(made.map((bundle) => [bundle.entry, bundle])) }
}

/**
 * A program as it is shipped, in one file. It starts in a fifth of the time that its sources take, of which tests that
 * start many processes are grateful.
 */
export async function shipped(entry: 'infra/router.ts' | 'infra/cli/oort.ts'): Promise<string> {
  const bundle = (await built()).bundles.get(entry)
  if (bundle === undefined) throw new Error(`${entry} has no bundle`)
  return bundle.outfile
}

async function whenWritten(path: string): Promise<string> {
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text !== undefined) return text
    await setTimeout(100)
  }
}
