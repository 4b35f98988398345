import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkpointFile, checkpointKey } from '../../../core/audit/checkpoint.ts'
import { readCheckpoints } from '../../../core/audit/read-checkpoints.ts'
import { verifyChains } from '../../../core/audit/verify-chain.ts'
import { insideOf } from '../../../core/platform.ts'
import { providerKeys, runs } from '../../../core/store/schema.ts'
import { makeBackup } from '../../../infra/backup/make-backup.ts'
import { nameOf, newBackupId } from '../../../infra/backup/object-names.ts'
import { wholeBackups } from '../../../infra/backup/remove-old.ts'
import type { Target } from '../../../infra/backup/target.ts'
import { vaultOn } from '../../../infra/backup/vault.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import { chanceOf, extent } from '../../support/extent.ts'
import { figure } from '../../support/figure.ts'
import { startS3 } from '../../support/s3-server.ts'
import { seedKey } from '../../support/seed.ts'
import { openHouse } from '../../support/small-house.ts'
import { type Lab, openLab } from './lab.ts'

let lab: Lab

beforeEach(async () => {
  lab = await openLab()
})

afterEach(() => lab.close())

/** Writes for as long as `work` takes, and answers how much was acknowledged meanwhile. */
async function underLoad<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly acknowledged: number }> {
  const users = await Promise.all(Array.from({ length: 8 }, () => lab.house.user()))
  let going = true
  let acknowledged = 0
  const writers = users.map(async (user) => {
    while (going) {
      await user.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
      acknowledged += 1
      await sleep(5)
    }
  })
  try {
    const value = await work()
    return { value, acknowledged }
  } finally {
    going = false
    await Promise.all(writers)
  }
}

const online =
  'R5 online backups under load all pass integrity and chain, while writers go on: 20 of them in the long form'

test(online, { timeout: extent(60_000, 600_000) }, async ({ task }) => {
  const chance = chanceOf('backups')
  const { value: made, acknowledged } = await underLoad(async () => {
    const backups: Awaited<ReturnType<Lab['backUp']>>[] = []
    for (let count = 0; count < extent(5, 20); count += 1) {
      await sleep(50 * chance())
      backups.push(await lab.backUp())
    }
    return backups
  })
  const rows = made.map(({ manifest }) => manifest.auditRows)
  expect(acknowledged).toBeGreaterThan(20)
  expect(rows.every((count, at) => count >= (rows[at - 1] ?? 0))).toBe(true)
  expect(rows.at(-1)).toBeGreaterThan(rows[0] ?? 0)
  for (const { manifest } of made) {
    const restored = await lab.restore({ backup: manifest.id })
    expect(restored.chain).toMatchObject({ intact: true, rows: manifest.auditRows })
  }
  figure(task, `${made.length} backups during ${acknowledged} acknowledged writes`)
})

test('R5 a backup holds every write that was acknowledged before it began, and opens with the master key', async () => {
  const owner = await lab.house.user()
  const keyId = await seedKey(lab.house.platform, owner.userId, 'openai')
  const { manifest } = await lab.backUp()
  const into = await lab.folder()
  const { rows } = await lab.restore({ into })
  expect(rows).toMatchObject({ users: 1, provider_keys: 1, audit_events: 2 })
  expect(manifest).toMatchObject({ auditRows: 2, keyVersions: [1] })
  const again = await openHouse({ dataDir: into, env: { ...lab.house.env, OORT_DATA_DIR: into } })
  const { store, keyring } = insideOf(again.platform)
  const checkpoints = await readCheckpoints(join(into, checkpointFile), checkpointKey(keyring))
  expect(await verifyChains(store.read, keyring, checkpoints)).toMatchObject({ intact: true })
  expect(await store.read.select({ id: providerKeys.id }).from(providerKeys)).toEqual([{ id: keyId }])
  await again.close()
})

test('D3 no byte of a backup tells a key, a prompt, an address or an id', async () => {
  const owner = await lab.house.user()
  const secret = 'sk-proj-canary-0123456789abcdefghijklmnop'
  const prompt = 'a prompt as a canary that nobody else would write'
  const keyId = await seedKey(lab.house.platform, owner.userId, 'openai', secret)
  const run = { providerKeyId: keyId, endpoint: 'runs', provider: 'openai', model: 'gpt-5-mini' } as const
  const { id } = await owner.write((tx) =>
    tx.insert(
      runs,
      { ...run, state: 'succeeded', instanceId: lab.house.platform.instanceId, prompt },
      { type: 'run.started', providerKeyId: keyId },
      { searchText: prompt },
    ),
  )
  await owner.write((tx) => tx.delete(runs, id, { type: 'run.deleted' }))
  const { email } = await owner.profile()
  await lab.backUp()
  const search = createByteSearch([secret, prompt, email, owner.userId, keyId, id, 'audit_events, CREATE TABLE users'])
  expect(search(await bytesIn(lab.target))).toEqual(new Set())
  expect(readdirSync(lab.target)).toHaveLength(4)
  for (const name of readdirSync(lab.target)) expect(statSync(join(lab.target, name)).mode & 0o777).toBe(0o600)
})

test('a backup leaves nothing behind beside the database', async () => {
  await lab.backUp()
  expect(existsSync(join(lab.house.dataDir, 'scratch'))).toBe(false)
})

describe('a backup that is interrupted', () => {
  test.each(['database', 'checkpoints', 'manifest'] as const)(
    'at its %s leaves nothing that could be read as one',
    async (part) => {
      await lab.house.user()
      const { target } = lab.vault
      const failing: Target = {
        ...target,
        async put(name, bytes) {
          if (!name.endsWith(part)) return target.put(name, bytes)
          await target.put(name, failAfterSome(bytes))
        },
      }
      const { dataDir } = lab.house
      const attempt = makeBackup(vaultOn(failing, lab.config.backups?.key ?? ''), { dataDir, keepDays: 1 })
      await expect(attempt).rejects.toThrow('the network is gone')
      expect(readdirSync(lab.target)).toEqual([])
      expect(existsSync(join(dataDir, 'scratch'))).toBe(false)
      await expect(lab.restore()).rejects.toThrow('no backup')
    },
  )

  test('by kill -9 leaves nothing that could be read as one, and the next backup clears away the rest', async () => {
    const program = `
      import { withScratch } from '${new URL('../../../infra/backup/scratch.ts', import.meta.url)}'
      import { openFolderTarget } from '${new URL('../../../infra/backup/folder-target.ts', import.meta.url)}'
      import { takeSnapshot } from '${new URL('../../../core/backup/snapshot.ts', import.meta.url)}'
      const target = await openFolderTarget(${JSON.stringify(lab.target)})
      await withScratch(${JSON.stringify(lab.house.dataDir)}, async (folder) => {
        await takeSnapshot(${JSON.stringify(lab.house.dataDir)}, folder)
        await target.put(${JSON.stringify(nameOf(newBackupId(Date.now()), 'database'))}, (async function* () {
          yield Buffer.alloc(100_000)
          process.kill(process.pid, 'SIGKILL')
        })())
      })`
    const killed = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
    await expect(killed).rejects.toMatchObject({ signal: 'SIGKILL' })
    const scratch = join(lab.house.dataDir, 'scratch')
    expect(readdirSync(scratch)).toHaveLength(1)
    expect(wholeBackups(await lab.vault.target.list())).toEqual([])
    const { manifest } = await lab.backUp()
    expect(existsSync(scratch)).toBe(false)
    expect(wholeBackups(await lab.vault.target.list())).toEqual([manifest.id])
  })

  test('leaves the scratch folder of another process that lives alone', async () => {
    const living = join(lab.house.dataDir, 'scratch', `${hostname()}.${process.ppid}.abcdef`)
    await mkdir(living, { recursive: true })
    await lab.backUp()
    expect(existsSync(living)).toBe(true)
  })
})

async function* failAfterSome(bytes: AsyncIterable<Uint8Array>) {
  for await (const some of bytes) {
    yield some
    throw new Error('the network is gone')
  }
}

describe('a bucket', () => {
  test('R5 D2 keeps backups and deletions as a folder does, and its owner reads nothing', async () => {
    const s3 = await startS3()
    const far = await openLab(s3.env)
    const owner = await far.house.user()
    const keyId = await seedKey(far.house.platform, owner.userId, 'openai')
    await far.backUp(() => Date.now() - 1_000)
    const { manifest } = await far.backUp()
    await owner.write((tx) => tx.eraseAccount())
    const restored = await far.restore()
    expect(restored.manifest).toEqual(manifest)
    expect(restored.rows).toMatchObject({ users: 1, provider_keys: 1 })
    expect(wholeBackups(await far.vault.target.list())).toHaveLength(2)
    await far.vault.target.remove(nameOf(manifest.id, 'manifest'))
    expect(wholeBackups(await far.vault.target.list())).toHaveLength(1)
    await expect(far.vault.manifest(manifest.id)).rejects.toThrow('is not there')
    expect(createByteSearch([owner.userId, keyId])(await bytesIn(s3.directory))).toEqual(new Set())
    await far.close()
    await s3.close()
  })

  test('takes an object of many parts whole, and gives it back', async () => {
    const s3 = await startS3()
    const far = await openLab(s3.env)
    const some = Buffer.alloc(1 << 20, 7)
    async function* forty() {
      for (let at = 0; at < 40; at += 1) yield some
    }
    await far.vault.target.put('large', forty())
    let bytes = 0
    for await (const each of await far.vault.target.get('large')) bytes += each.length
    expect(bytes).toBe(40 << 20)
    await expect(far.vault.target.put('cut', failAfterSome(forty()))).rejects.toThrow('the network is gone')
    expect(await far.vault.target.list()).toEqual(['large'])
    await far.close()
    await s3.close()
  })
})
