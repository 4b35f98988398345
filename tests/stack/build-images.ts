import { builtVersion, engineMissing, mustDocker } from './compose.ts'

/** Builds both images as `docker compose build` does for everybody, and tells how large they are. */
export async function setup(): Promise<void> {
  if (engineMissing !== undefined) {
    process.stderr.write(`\nNO CONTAINER ENGINE: the tests of the stack are skipped (${engineMissing}).\n\n`)
    return
  }
  const env = { OORT_VERSION: builtVersion, OORT_SITE: 'localhost', OORT_TLS: 'internal' }
  await mustDocker(['compose', '--file', 'compose.yaml', '--progress', 'plain', 'build'], env)
  const format = '{{.Repository}}  {{.Size}}\n'
  process.stdout.write(
    await mustDocker(['image', 'ls', '--filter', `reference=oort*:${builtVersion}`, '--format', format]),
  )
}
