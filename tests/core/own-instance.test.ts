import { randomBytes } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { ownInstanceOf } from '../../core/own-instance.ts'
import { insideOf } from '../../core/platform.ts'
import { keyVersions } from '../../core/store/schema.ts'
import { startOort } from '../support/oort.ts'

let now = 1
const clock = () => now++
const first = await startOort({ clock })
const { dataDir, env } = first
const newer = {
  BYOK_MASTER_KEY: randomBytes(32).toString('base64'),
  BYOK_MASTER_KEY_PREVIOUS: env['BYOK_MASTER_KEY'] ?? '',
}
const second = await startOort({ clock, dataDir, env: { ...env, ...newer } })
afterAll(async () => {
  await second.close()
  await first.close()
})

/** When the version was made. */
async function madeAt(version: number): Promise<number> {
  const rows = await insideOf(first.platform).store.read.select().from(keyVersions)
  return rows.find((row) => row.version === version)?.createdAt ?? 0
}

test('K5 a process has started before each version that it does not know, however late it is first heard', async () => {
  now += 1_000
  expect(ownInstanceOf(first.platform).startedAt).toBeLessThan(await madeAt(2))
})

test('K5 a process has not started before a version that it knows, also where it made it itself', async () => {
  expect(ownInstanceOf(first.platform).startedAt).toBeGreaterThanOrEqual(await madeAt(1))
  expect(ownInstanceOf(second.platform).startedAt).toBeGreaterThanOrEqual(await madeAt(2))
})
