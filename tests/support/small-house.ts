import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { enrolAccount } from '../../core/accounts/enrol-account.ts'
import type { Clock } from '../../core/clock.ts'
import { parseConfig } from '../../core/config.ts'
import { createPlatform, type Platform } from '../../core/platform.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import { databaseIn } from './database.ts'

/** A platform without HTTP in front: the store, its keys and its scopes, in a folder that goes when it closes. */
export interface SmallHouse {
  readonly platform: Platform
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
  /** The scope of a new account. */
  user(): Promise<UserScope>
  close(): Promise<void>
}

export interface HouseOptions {
  readonly dataDir?: string
  readonly env?: object
  readonly clock?: Clock
}

export async function openHouse(given: HouseOptions = {}): Promise<SmallHouse> {
  const dataDir = given.dataDir ?? (await mkdtemp(join(tmpdir(), 'oort-house-')))
  const env = {
    NODE_ENV: 'test',
    BYOK_MASTER_KEY: randomBytes(32).toString('base64'),
    SESSION_SECRET: randomBytes(32).toString('base64'),
    OORT_DATA_DIR: dataDir,
    ...databaseIn(dataDir),
    ...given.env,
  }
  const logTo = new Writable({ write: (_chunk, _encoding, done) => done() })
  const platform = await createPlatform(parseConfig(env), { logTo, ...(given.clock && { clock: given.clock }) })
  let closed = false
  return {
    platform,
    dataDir,
    env,
    user() {
      const email = `user-${randomBytes(6).toString('hex')}@example.com`
      return enrolAccount(platform, { email, passwordHash: 'none', emailVerifiedAt: null }, 'req_test')
    },
    async close() {
      if (!closed) await platform.close()
      closed = true
      if (given.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
