import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask } from '../../support/http.ts'
import { start, strongSecrets } from '../../support/process.ts'

let folder: string
let file: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-settings-'))
  file = join(folder, 'oort.env')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a start with OORT_ENV_FILE', () => {
  test('takes from the file what is not set otherwise', async () => {
    const secrets = Object.entries(strongSecrets()).map(([name, value]) => `${name}=${value}\n`)
    await writeFile(file, [...secrets, 'OORT_PORT=not-a-port\n'].join(''))
    const router = start('infra/router.ts', [], { OORT_ENV_FILE: file, OORT_DATA_DIR: folder, OORT_PORT: '0' })
    expect(await ask(await router.origin, { path: '/healthz' })).toMatchObject({ status: 200 })
    router.child.kill('SIGTERM')
    expect(await router.ended).toMatchObject({ exitCode: 0 })
  })

  test('is refused with 78 when the file cannot be read', async () => {
    const { exitCode, stderr } = await start('infra/router.ts', [], { OORT_ENV_FILE: file, OORT_DATA_DIR: folder })
      .ended
    expect([exitCode, stderr]).toEqual([78, expect.stringContaining('OORT_ENV_FILE')])
    expect(stderr).toContain('ENOENT')
  })
})
