import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GenericContainer } from 'testcontainers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withOneMore } from '../support/one-more-migration.ts'
import { root } from '../support/source-graph.ts'
import { builtVersion, docker, engineMissing, mustDocker } from './compose.ts'
import { type Stack, startStack } from './lab.ts'
import { type Person, signInAgain, signUp } from './person.ts'

const nextVersion = 'stack-test-next'

/** An image of the next version: this one with one more migration. */
async function buildNext(): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'oort-next-'))
  try {
    const shipped = join(root, 'core/store/migrations/sqlite')
    withOneMore(shipped, context, 'CREATE TABLE of_the_next_version (id INTEGER PRIMARY KEY);')
    await writeFile(
      join(context, 'Dockerfile'),
      `FROM oort:${builtVersion}\nCOPY --chown=0:0 migrations /oort/migrations/sqlite\n`,
    )
    await GenericContainer.fromDockerfile(context).build(`oort:${nextVersion}`, { deleteOnExit: false })
  } finally {
    await rm(context, { recursive: true, force: true })
  }
  await mustDocker(['tag', `oort-caddy:${builtVersion}`, `oort-caddy:${nextVersion}`])
}

describe.skipIf(engineMissing !== undefined)('an upgrade is a new image, and the way back is a backup', () => {
  let stack: Stack
  let person: Person
  let backup: string

  beforeAll(async () => {
    await buildNext()
    stack = await startStack()
    person = await signUp(stack)
    await (await person.run('before the upgrade')).rest
    const made = await stack.exec('backup', ['oort', 'backup', '--json'])
    backup = JSON.parse(made.stdout).manifest.id
  })
  afterAll(async () => {
    await stack?.close()
    for (const image of ['oort', 'oort-caddy']) await docker(['image', 'rm', '--force', `${image}:${nextVersion}`])
  })

  const prompts = async (of: Person) =>
    (await Promise.all(['before', 'after'].map((word) => of.browser.get(`/api/runs?q=${word}`)))).map(
      (found) => found.json<{ runs: readonly unknown[] }>().runs.length,
    )

  test('the new image migrates as it starts; accounts, sessions, keys and runs are as they were', async () => {
    stack.configure({ OORT_VERSION: nextVersion })
    await stack.up()
    await (await person.run('after the upgrade')).rest
    expect(await prompts(person)).toEqual([1, 1])
    const listed = await stack.exec('backup', ['oort', 'backup', 'list', '--json'])
    const schemas = (JSON.parse(listed.stdout).backups as readonly { readonly schemaVersion: number }[]).map(
      ({ schemaVersion }) => schemaVersion,
    )
    expect((schemas.at(-1) ?? 0) - (schemas[0] ?? 0)).toBeGreaterThan(0)
  })

  test('the old image refuses the newer database, says why and what to do, and harms nothing', async () => {
    await stack.compose('stop')
    stack.configure({ OORT_VERSION: builtVersion })
    const { exitCode, stderr } = await stack.compose('run', '--rm', '--no-deps', '-T', 'oort')
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/made by a newer version of Oort: .*restore a backup/),
    ])
    stack.configure({ OORT_VERSION: nextVersion })
    await stack.up()
    expect(await prompts(person)).toEqual([1, 1])
  })

  test('the backup from before the upgrade brings the old image back, beside the newer database', async () => {
    await stack.compose('stop')
    stack.configure({ OORT_VERSION: builtVersion, OORT_DATA_VOLUME: `${stack.project}_restored` })
    const command = ['oort', 'restore', '--backup', backup]
    const restored = await stack.compose('run', '--rm', '--no-deps', '-T', 'backup', ...command)
    expect(restored).toEqual({
      exitCode: 0,
      stdout: expect.stringContaining(`RESTORED  ${backup}`),
      stderr: expect.any(String),
    })
    await stack.up()
    person = await signInAgain(stack, person)
    expect(await prompts(person)).toEqual([1, 0])
    expect(await (await person.run('after the way back')).rest).toContain('event: done')
  })
})
