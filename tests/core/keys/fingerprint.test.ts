import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseConfig } from '../../../core/config.ts'
import { newId } from '../../../core/ids.ts'
import { fingerprintOf } from '../../../core/keys/fingerprint.ts'
import { createPlatform, type Platform } from '../../../core/platform.ts'

const secrets = [1, 2].map(() => randomBytes(32).toString('base64'))
const userId = newId('user')
const key = 'sk-proj-test-0123456789abcdefghijklmnop'
let dataDir: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'oort-fingerprint-'))
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

async function withPlatform<T>(folder: string, keys: Record<string, string | undefined>, work: (on: Platform) => T) {
  const env = { NODE_ENV: 'test', SESSION_SECRET: randomBytes(32).toString('base64'), OORT_LOG_LEVEL: 'silent' }
  const platform = await createPlatform(parseConfig({ ...env, OORT_DATA_DIR: folder, ...keys }))
  try {
    return work(platform)
  } finally {
    await platform.close()
  }
}

test('a fingerprint is the same for the same key of the same user, and differs by user, provider and key', async () => {
  await withPlatform(dataDir, { BYOK_MASTER_KEY: secrets[0] }, (platform) => {
    const fingerprint = fingerprintOf(platform, userId, 'openai', key)
    expect(fingerprint).toMatch(/^[0-9a-f]{32}$/)
    expect(fingerprintOf(platform, userId, 'openai', key)).toBe(fingerprint)
    const others = [
      fingerprintOf(platform, newId('user'), 'openai', key),
      fingerprintOf(platform, userId, 'cerebras', key),
      fingerprintOf(platform, userId, 'openai', `${key}q`),
    ]
    expect(new Set([fingerprint, ...others]).size).toBe(4)
  })
})

test('K5 a fingerprint outlives the master key, and is another in another database', async () => {
  const take = (platform: Platform) => fingerprintOf(platform, userId, 'openai', key)
  const before = await withPlatform(dataDir, { BYOK_MASTER_KEY: secrets[0] }, take)
  const rotated = { BYOK_MASTER_KEY: secrets[1], BYOK_MASTER_KEY_PREVIOUS: secrets[0] }
  expect(await withPlatform(dataDir, rotated, take)).toBe(before)
  const elsewhere = join(dataDir, 'elsewhere')
  expect(await withPlatform(elsewhere, { BYOK_MASTER_KEY: secrets[0] }, take)).not.toBe(before)
})
