import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkpointFile } from '../../core/audit/checkpoint.ts'
import { ledgerFile } from '../../core/deletions/deletion.ts'
import { databaseName } from '../../core/store/sqlite/open-sqlite.ts'
import { chanceOf, extent } from '../support/extent.ts'
import { sound } from './examine.ts'
import { type House, openHouse } from './house.ts'
import { everyChange, type Person } from './person.ts'
import { canTrace, trace } from './trace.ts'

let house: House
let pid: number
let origin: string
let crowd: readonly Person[]
beforeAll(async () => {
  house = await openHouse()
  const { child, origin: listening } = house.router()
  origin = await listening
  pid = child.pid ?? 0
  const changes = everyChange.filter((change) => change !== 'sign out everywhere' && change !== 'delete the account')
  crowd = Array.from({ length: 3 }, (_, at) =>
    house.person({ origin, chance: chanceOf(`failing ${at}`), changes, endsMayBeLost: true }),
  )
})
afterAll(() => house[Symbol.asyncDispose]())

/** Every change for as long as the calls on these files fail with that error; then all is well again. */
async function expectRefusals(files: readonly string[], calls: string, error: string): Promise<void> {
  for (const person of crowd) for (let count = 0; count < 6; count += 1) await person.step()
  const paths = files.flatMap((file) => ['-P', join(house.dataDir, file)])
  const failing = await trace(pid, [...paths, '-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`])
  const refused = await Promise.all(
    crowd.map(async (person) => {
      const answers: unknown[] = []
      for (let count = 0; count < extent(5, 200); count += 1) {
        const { change, answer } = await person.step()
        const { code } = answer.status < 300 ? {} : answer.json<{ code: string }>()
        answers.push([change, answer.status, answer.headers.get('content-type'), code])
      }
      expect((await person.browser.get('/api/keys')).status).toBe(200)
      return answers
    }),
  )
  await failing.end()
  for (const [change, ...answer] of refused.flat() as unknown[][]) {
    expect(answer, String(change)).toEqual([503, 'application/problem+json', 'STORE_UNAVAILABLE'])
  }
  expect(await house.findings()).toMatchObject(sound)
  for (const person of crowd) {
    await person.resume(origin)
    const { change, answer } = await person.step()
    expect(answer.status, `${change}: ${answer.text}`).toBeLessThan(300)
  }
  expect(await house.findings()).toMatchObject(sound)
}

const files = [databaseName, `${databaseName}-wal`, `${databaseName}-shm`, ledgerFile, checkpointFile]

describe.skipIf(!canTrace)(
  'R4 a disk that fails under a running process',
  { timeout: extent(120_000, 600_000) },
  () => {
    test('R4 a disk that became read-only: changes are refused with a 503 problem, reads go on, and it recovers without a restart', () =>
      expectRefusals(files, 'pwrite64,write,ftruncate,fsync,fdatasync', 'EROFS'))

    test('R4 R2 a flush that fails acknowledges nothing, and it recovers without a restart', () =>
      expectRefusals([`${databaseName}-wal`], 'fsync,fdatasync', 'EIO'))
  },
)

const folder = () => join(house.dataDir, 'elsewhere')
const bind = () => {
  mkdirSync(folder())
  return ['--bind', 'remount,ro,bind'].every((step) => {
    const how = step === '--bind' ? [step, folder(), folder()] : ['-o', step, folder()]
    return spawnSync('mount', how, { stdio: 'ignore' }).status === 0
  })
}

test('R4 a start on a read-only disk says why and ends', async ({ skip }) => {
  skip(!bind(), 'nothing can be mounted here')
  const { exitCode, stderr } = await house.router({ OORT_DATA_DIR: folder() }).ended
  spawnSync('umount', [folder()])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/EROFS|SQLITE_(?:CANTOPEN|READONLY)/)
})
