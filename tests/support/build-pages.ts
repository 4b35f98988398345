import { buildPages } from '../../esbuild.config.ts'

/** Before the first test: the pages that functions/web answers name the files of this build. */
export async function setup(): Promise<void> {
  await buildPages()
}
