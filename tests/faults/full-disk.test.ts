import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ledgerFile } from '../../core/deletions/deletion.ts'
import { apiKeys } from '../../core/store/schema.ts'
import { databaseName } from '../../core/store/sqlite/open-sqlite.ts'
import { chanceOf, extent } from '../support/extent.ts'
import { figure } from '../support/figure.ts'
import { seedApiKey } from '../support/seed.ts'
import { openHouse as openSmallHouse } from '../support/small-house.ts'
import { sound } from './examine.ts'
import { type House, openHouse } from './house.ts'
import { everyChange, type Person, type Step } from './person.ts'

const mebibyte = 1 << 20
const folder = mkdtempSync(join(tmpdir(), 'oort-full-'))
const filler = join(folder, 'filler')
const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=700', 'tmpfs', folder], { stdio: 'ignore' })
const mounted = mount.status === 0

let house: House
let origin: string
beforeAll(async () => {
  house = await openHouse({ dataDir: folder })
  origin = await house.router().origin
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  // Lazily: a test that failed may have files open.
  if (mounted) spawnSync('umount', ['--lazy', folder])
  rmSync(folder, { recursive: true, force: true })
})

afterEach(() => rmSync(filler, { force: true }))

/** Leaves about so many bytes of room on the disk. */
function fill(room: number): void {
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - room)))
}

const makeRoom = (): void => rmSync(filler)

/** Changes until each of the crowd was refused once; answers what was said meanwhile. */
async function untilRefused(crowd: readonly Person[]): Promise<Step[]> {
  const steps = await Promise.all(
    crowd.map(async (person) => {
      const mine: Step[] = []
      while (mine.every(({ answer }) => answer.status < 300) && mine.length < 5_000) mine.push(await person.step())
      return mine
    }),
  )
  return steps.flat()
}

const name = 'R4 a full disk: changes are refused with a 503 problem and leave nothing, reads go on, and room is enough'

test.skipIf(!mounted)(name, { timeout: extent(120_000, 1_800_000) }, async ({ task, annotate }) => {
  const chance = chanceOf('full disk')
  const changes = everyChange.filter((change) => change !== 'sign out everywhere' && change !== 'delete the account')
  const crowd = Array.from({ length: 4 }, (_, at) =>
    house.person({ origin, chance: chanceOf(`full ${at}`), changes, endsMayBeLost: true }),
  )
  const settle = async (): Promise<void> => {
    for (const person of crowd) {
      const { change, answer } = await person.step()
      expect(answer.status, `${change}: ${answer.text}`).toBeLessThan(300)
    }
  }
  await settle()
  const refused: Step[] = []
  const rounds = extent(4, 40)
  for (let round = 0; round < rounds; round += 1) {
    fill(Math.floor(chance() ** 2 * mebibyte))
    const met = (await untilRefused(crowd)).filter(({ answer }) => answer.status >= 300)
    const [first] = crowd
    expect((await first?.browser.get('/api/keys'))?.status).toBe(200)
    expect(await house.findings(), `full, round ${round}`).toMatchObject(sound)
    makeRoom()
    for (const person of crowd) await person.resume(origin)
    await settle()
    expect(await house.findings(), `with room, round ${round}`).toMatchObject(sound)
    refused.push(...met)
  }
  expect(refused.length).toBe(4 * rounds)
  const other = refused.filter(({ answer }) => answer.json()['code'] !== 'STORE_UNAVAILABLE')
  expect(other.map(({ change, answer }) => `${change}: ${answer.text}`)).toEqual([])
  for (const { answer } of refused) {
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/problem+json'])
  }
  const kinds = [...new Set(refused.map(({ change }) => change))]
  const counted = `${rounds} times full; refused: ${kinds.join(', ')}`
  figure(task, counted)
  await annotate(counted)
})

const wholeLine =
  'D2 R4 a deletion of which half a line fits into the ledger is not acknowledged, and stands there once there is room'

test.skipIf(!mounted)(wholeLine, { timeout: 60_000 }, async () => {
  const { platform, dataDir, user, close } = await openSmallHouse({ dataDir: join(folder, 'small') })
  const scope = await user()
  const keys: Awaited<ReturnType<typeof seedApiKey>>[] = []
  for (let count = 0; count < 100; count += 1) keys.push(await seedApiKey(platform, scope.userId))
  const outcomes: string[] = []
  const remove = async ({ id }: (typeof keys)[number]): Promise<void> => {
    const deleted = scope.write((tx) => tx.delete(apiKeys, id, { type: 'api_key.revoked' }))
    outcomes.push(
      await deleted.then(
        () => 'acknowledged',
        (error: { readonly code?: string }) => error.code ?? 'other',
      ),
    )
  }
  for (const key of keys.slice(0, 2)) await remove(key)
  // The write-ahead log has its length by now. What comes next is written over it and needs no room: the ledger does.
  const beside = new SqliteDatabase(join(dataDir, databaseName))
  beside.pragma('wal_checkpoint(PASSIVE)')
  beside.close()
  fill(0)
  for (const key of keys.slice(2, 60)) await remove(key)
  expect(new Set(outcomes)).toEqual(new Set(['acknowledged', 'STORE_UNAVAILABLE']))
  makeRoom()
  for (const key of keys.slice(60, 62)) await remove(key)
  const left = new Set((await scope.list(apiKeys, { limit: 100 })).map(({ id }) => id))
  const told = readFileSync(join(dataDir, ledgerFile), 'utf8')
  await close()
  const gone = keys.filter(({ id }) => !left.has(id))
  expect(gone.length).toBeGreaterThan(20)
  expect(gone.filter(({ id }) => !told.includes(`"target":"${id}"}\n`))).toEqual([])
})
