import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildPages } from '../../infra/bundling/build-pages.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** An empty folder for the build that the test files of this run share: see `built`. */
    readonly buildFolder: string
  }
}

/** Before the first test: the pages that functions/web answers name the files of this build. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  await buildPages()
  const folder = await mkdtemp(join(tmpdir(), 'oort-built-'))
  provide('buildFolder', folder)
  return () => rm(folder, { recursive: true, force: true })
}
