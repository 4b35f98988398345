import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startOort } from '../../support/oort.ts'
import { closedHouse, oort, oortJson } from './lab.ts'

const secret = () => randomBytes(32).toString('base64')

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'oort-abandon-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

/** A database whose rotation was begun: the keys before and after. */
async function begunRotation() {
  const { env } = await closedHouse(dataDir, ['ada'])
  const both = { ...env, BYOK_MASTER_KEY: secret(), BYOK_MASTER_KEY_PREVIOUS: env.BYOK_MASTER_KEY }
  await oortJson(both, 'keys', 'status')
  return { before: env, both }
}

test('K5 a rotation whose key was lost before anything was sealed is taken back, and nothing else is lost', async () => {
  const { before, both } = await begunRotation()
  expect((await oort(before, 'keys', 'status')).stderr).toContain('rotation to version 2 was begun')
  expect(await oortJson(before, 'keys', 'abandon')).toEqual({ version: 2, current: 1 })
  expect(await oortJson(before, 'user', 'show', 'ada@example.com')).toMatchObject({ status: 'active' })
  expect(await oortJson(before, 'audit', 'verify')).toMatchObject({ intact: true })
  // The key that was given up is of no use any more, and a rotation to another begins as if it had never been.
  expect((await oort({ ...before, BYOK_MASTER_KEY: both.BYOK_MASTER_KEY }, 'keys', 'status')).exitCode).toBe(78)
  const again = { ...both, BYOK_MASTER_KEY: secret() }
  expect((await oort(again, 'keys', 'rekey')).exitCode).toBe(0)
})

test('K5 a rotation under which something is sealed is not taken back', async () => {
  const { before, both } = await begunRotation()
  const router = await startOort({ dataDir, env: both })
  await router.signedIn('ben@example.com')
  await router.close()
  const { exitCode, stderr } = await oort(before, 'keys', 'abandon')
  expect(exitCode).toBe(1)
  expect(stderr).toContain('Values are sealed under version 2')
  expect(await oortJson(both, 'user', 'show', 'ben@example.com')).toMatchObject({ status: 'active' })
})

test('K5 neither is one while a process runs, nor by another key than the one before', async () => {
  const { before, both } = await begunRotation()
  const router = await startOort({ dataDir, env: both })
  expect((await oort(before, 'keys', 'abandon')).stderr).toContain('Stop every process')
  await router.close()
  for (const wrong of [secret(), both.BYOK_MASTER_KEY]) {
    const { exitCode, stderr } = await oort({ ...before, BYOK_MASTER_KEY: wrong }, 'keys', 'abandon')
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('not the key before the newest one')])
  }
})

test('K5 a database without a rotation has nothing to take back', async () => {
  const { env } = await closedHouse(dataDir, ['ada'])
  expect((await oort(env, 'keys', 'abandon')).exitCode).toBe(1)
  expect(await oortJson(env, 'user', 'show', 'ada@example.com')).toMatchObject({ status: 'active' })
})
