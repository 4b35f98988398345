import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { houseSubject } from '../../../core/audit/events.ts'
import { verifyChains } from '../../../core/audit/verify-chain.ts'
import { contextOf } from '../../../core/crypto/context-of.ts'
import { newId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { consoleActor } from '../../../core/scope/console-scope.ts'
import { beat } from '../../../core/store/instances.ts'
import { rekey } from '../../../core/store/rekey.ts'
import { auditEvents, keyVersions, providerKeys, runs } from '../../../core/store/schema.ts'
import { unpackSealed } from '../../../core/store/sealed-row.ts'
import { sealedTables } from '../../../core/store/sealed-tables.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import { chanceOf, extent } from '../../support/extent.ts'
import { figure } from '../../support/figure.ts'
import { scopeOf } from '../../support/seed.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'
import { fill, openEverything } from './rekey-lab.ts'

const run = promisify(execFile)
const secret = () => randomBytes(32).toString('base64')
const [oldKey, newKey] = [secret(), secret()]
const onlyOld = { BYOK_MASTER_KEY: oldKey }
const both = { BYOK_MASTER_KEY: newKey, BYOK_MASTER_KEY_PREVIOUS: oldKey }
const onlyNew = { BYOK_MASTER_KEY: newKey }

let folder: string
let pristine: string
let before: ReadonlyMap<string, string>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-rekey-'))
  pristine = join(folder, 'pristine')
  await within(pristine, onlyOld, async (house) => {
    await fill(house, 4, 6)
    before = (await openEverything(house)).opened
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A database as it was before the rotation. */
async function copy(name: string): Promise<string> {
  const dataDir = join(folder, name)
  await cp(pristine, dataDir, { recursive: true })
  return dataDir
}

async function within<T>(dataDir: string, env: object, work: (house: SmallHouse) => Promise<T>): Promise<T> {
  const house = await openHouse({ dataDir, env })
  try {
    return await work(house)
  } finally {
    await house.close()
  }
}

const rekeyIn = (dataDir: string) => within(dataDir, both, (house) => rekey(house.platform, consoleActor()))

const houseEvents = ({ platform }: SmallHouse) =>
  insideOf(platform).store.read.select().from(auditEvents).where(eq(auditEvents.subjectId, houseSubject))

test('K5 the rekey finds every table with sealed values, and the rows of these tests have a value of each', () => {
  const found = sealedTables().flatMap(({ name, values }) => values.map((value) => `${name}.${value.name}`))
  expect(found.length).toBeGreaterThanOrEqual(9)
  expect(new Set([...before.keys()].map((place) => place.split(' ')[0]))).toEqual(new Set(found))
  const bound = { id: '1', userId: 'usr_1', provider: 'openai' }
  for (const { name, values } of sealedTables()) {
    for (const value of values) expect(contextOf(name, value.name, bound)).toMatchObject({ table: name, rowId: '1' })
  }
})

test('K5 every value is sealed under the new version and opens to what it was; the old version is refused', async () => {
  const dataDir = await copy('whole')
  const receipt = await rekeyIn(dataDir)
  expect(receipt).toMatchObject({ version: 2, unopened: [], retired: [1], bytesErased: true })
  await within(dataDir, onlyNew, async (house) => {
    expect(await openEverything(house)).toEqual({ opened: before, versions: [2] })
    const { store, keyring } = insideOf(house.platform)
    expect(keyring.versions).toEqual([2])
    expect(await verifyChains(store.read, keyring)).toMatchObject({ intact: true })
    expect(await houseEvents(house)).toMatchObject([
      {
        action: 'key_version.rekeyed',
        targetId: '1',
        actorKind: 'system',
        actorId: 'console',
        detail: JSON.stringify({ rows: receipt.rows }),
      },
    ])
    const [{ userId } = { userId: undefined }] = await store.read.select({ userId: runs.userId }).from(runs).limit(1)
    if (userId === undefined) throw new Error('no run')
    const [newest] = await scopeOf(house.platform, userId).list(runs, { limit: 1, open: ['prompt'] })
    expect(Buffer.from(newest?.prompt ?? '').toString('hex')).toBe(before.get(`runs.prompt ${newest?.id}`))
  })
  await expect(openHouse({ dataDir, env: onlyOld })).rejects.toThrow(/retired/)
  await expect(openHouse({ dataDir, env: { ...onlyOld, BYOK_MASTER_KEY_PREVIOUS: newKey } })).rejects.toThrow(/retired/)
  // Left in the environment it opens nothing, and stops no restart.
  await within(dataDir, both, async ({ platform }) => expect(insideOf(platform).keyring.versions).toEqual([2]))
})

test('K5 what the old version sealed, its root among it, is in none of the database’s files afterwards', async () => {
  const dataDir = await copy('erased')
  const old = await within(dataDir, onlyOld, async ({ platform }) => {
    const { store } = insideOf(platform)
    const rows = await store.read.select({ bytes: runs.promptCiphertext }).from(runs)
    const roots = await store.read.select({ bytes: keyVersions.rootCiphertext }).from(keyVersions)
    return [...rows, ...roots].map(({ bytes }) => bytes)
  })
  expect(createByteSearch(old)(await bytesIn(dataDir)).size).toBe(old.length)
  await rekeyIn(dataDir)
  expect(createByteSearch(old)(await bytesIn(dataDir))).toEqual(new Set())
})

test('K5 a second rekey has nothing to do, and a further rotation goes on from the first', async () => {
  const dataDir = await copy('again')
  await rekeyIn(dataDir)
  expect(await rekeyIn(dataDir)).toEqual({ version: 2, rows: 0, unopened: [], retired: [], bytesErased: true })
  const third = { BYOK_MASTER_KEY: secret(), BYOK_MASTER_KEY_PREVIOUS: newKey }
  const receipt = await within(dataDir, third, ({ platform }) => rekey(platform, consoleActor()))
  expect(receipt).toMatchObject({ version: 3, retired: [2] })
  await within(dataDir, { BYOK_MASTER_KEY: third.BYOK_MASTER_KEY }, async (house) => {
    expect(await openEverything(house)).toEqual({ opened: before, versions: [3] })
  })
})

test('K5 a further rotation that begins at the very end is left alone', async () => {
  const dataDir = await copy('overtaken')
  await rekeyIn(dataDir)
  const third = { BYOK_MASTER_KEY: secret(), BYOK_MASTER_KEY_PREVIOUS: newKey }
  await within(dataDir, both, async ({ platform }) => {
    const { store } = insideOf(platform)
    const alone = store.alone.bind(store)
    Object.assign(store, {
      async alone<T>(...given: Parameters<typeof alone<T>>): Promise<T> {
        await within(dataDir, third, async () => undefined)
        return alone(...given)
      },
    })
    expect(await rekey(platform, consoleActor())).toMatchObject({ rows: 0, retired: [] })
  })
  await within(dataDir, third, async ({ platform }) => expect(insideOf(platform).keyring.versions).toEqual([3, 2]))
})

test('K5 a row that is changed or deleted between the look for it and its turn stays as that left it', async () => {
  const dataDir = await copy('changed')
  await within(dataDir, both, async ({ platform }) => {
    const { store, keyring } = insideOf(platform)
    const [changed, deleted] = await store.read.select().from(providerKeys).limit(2)
    if (changed === undefined || deleted === undefined) throw new Error('no keys')
    const alone = store.alone.bind(store)
    const meanwhile = async (): Promise<void> => {
      const patch = { secret: 'the newest of all', updatedAt: 2 }
      await scopeOf(platform, changed.userId).write((tx) =>
        tx.update(providerKeys, changed.id, patch, { type: 'key.replaced' }),
      )
      await scopeOf(platform, deleted.userId).write((tx) =>
        tx.delete(providerKeys, deleted.id, { type: 'key.deleted' }),
      )
    }
    let looked = false
    Object.assign(store, {
      async alone<T>(...given: Parameters<typeof alone<T>>): Promise<T> {
        if (looked) {
          looked = false
          await meanwhile()
        }
        return alone(...given)
      },
    })
    const tablesBefore = sealedTables().findIndex(({ table }) => table === providerKeys)
    let batches = 0
    const onRows = (): void => {
      batches += 1
      looked = batches === tablesBefore
    }
    expect(await rekey(platform, consoleActor(), { onRows })).toMatchObject({ unopened: [], retired: [1] })
    const rows = await store.read.select().from(providerKeys)
    expect(rows.map(({ id }) => id)).not.toContain(deleted.id)
    const sealed = rows.find(({ id }) => id === changed.id)
    if (sealed === undefined) throw new Error('the key is gone')
    expect(keyring.openText(unpackSealed(sealed, 'secret'), contextOf('provider_keys', 'secret', sealed))).toBe(
      'the newest of all',
    )
  })
})

test('K5 a value that no key opens is named and left as it is, and the old version stays until it is gone', async () => {
  const dataDir = await copy('damaged')
  await within(dataDir, both, async ({ platform }) => {
    const { store } = insideOf(platform)
    const [damaged] = await store.read.select({ id: runs.id }).from(runs).limit(1)
    if (damaged === undefined) throw new Error('no run')
    await store.write((db) =>
      db
        .update(runs)
        .set({ promptTag: Buffer.alloc(16) })
        .where(eq(runs.id, damaged.id)),
    )
    const receipt = await rekey(platform, consoleActor())
    expect(receipt).toMatchObject({ unopened: [{ table: 'runs', value: 'prompt', id: damaged.id }], retired: [] })
    await store.write((db) => db.delete(runs).where(eq(runs.id, damaged.id)))
    expect(await rekey(platform, consoleActor())).toMatchObject({ unopened: [], retired: [1] })
  })
})

test('K5 refuses while a process runs that was started before the new key was made: it would be locked out', async () => {
  const dataDir = await copy('running')
  await within(dataDir, onlyOld, async ({ platform }) => {
    const { store, clock } = insideOf(platform)
    await beat(store, { id: newId('instance'), host: 'elsewhere', pid: 4711, startedAt: clock() - 1 }, clock())
  })
  await expect(rekeyIn(dataDir)).rejects.toMatchObject({
    code: 'CONFLICT',
    facts: { detail: expect.stringContaining('Process 4711 on elsewhere') },
  })
})

const killed = 'K5 kill -9 at points by chance, 20 at least: nothing is lost, and the rekey goes on where it was'

describe(killed, { timeout: extent(300_000, 1_800_000) }, () => {
  const script = join(import.meta.dirname, 'rekeying.ts')
  const kill = (dataDir: string, point: number) =>
    run(process.execPath, [script, String(point)], {
      env: { NODE_ENV: 'test', SESSION_SECRET: secret(), OORT_DATA_DIR: dataDir, ...both },
    })

  test('all of them', async ({ task }) => {
    const { stdout } = await kill(await copy('counted'), 0)
    const points = Number(stdout)
    expect(points).toBeGreaterThan(60)
    const chosen = new Set<number>()
    const chance = chanceOf('rekey')
    while (chosen.size < extent(20, 60)) chosen.add(1 + Math.floor(chance() * points))
    const met = new Set<string>()
    for (const point of chosen) {
      const dataDir = await copy(`killed-${point}`)
      await expect(kill(dataDir, point), `point ${point}`).rejects.toMatchObject({ signal: 'SIGKILL' })
      await within(dataDir, both, async (house) => {
        const { opened, versions } = await openEverything(house)
        expect(opened).toEqual(before)
        met.add(versions.join())
        const receipt = await rekey(house.platform, consoleActor())
        expect(receipt).toMatchObject({ version: 2, unopened: [] })
      })
      await within(dataDir, onlyNew, async (house) => {
        expect(await openEverything(house)).toEqual({ opened: before, versions: [2] })
        expect(await houseEvents(house)).toHaveLength(1)
        const { store, keyring } = insideOf(house.platform)
        expect(await verifyChains(store.read, keyring)).toMatchObject({ intact: true })
      })
      await rm(dataDir, { recursive: true })
    }
    // In the midst of it, at least.
    expect(met).toContain('1,2')
    figure(task, `killed at ${chosen.size} of ${points} points`)
  })
})
