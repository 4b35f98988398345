import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointFile, checkpointKey } from '../../core/audit/checkpoint.ts'
import { describeVerdict } from '../../core/audit/describe-verdict.ts'
import { readCheckpoints } from '../../core/audit/read-checkpoints.ts'
import { verifyChains } from '../../core/audit/verify-chain.ts'
import { minute } from '../../core/clock.ts'
import { type Config, ConfigError } from '../../core/config.ts'
import type { Keyring } from '../../core/crypto/keyring.ts'
import { unlockKeyring } from '../../core/crypto/unlock-keyring.ts'
import { newestAudit } from '../../core/store/audit-rows.ts'
import { countByVersion } from '../../core/store/count-by-version.ts'
import type { Inspection } from '../../core/store/inspection.ts'
import { storedVersions } from '../../core/store/key-versions.ts'
import { inspectSqlite } from '../../core/store/sqlite/inspect-sqlite.ts'
import { explainError } from './explain-error.ts'
import { readConfig } from './with-platform.ts'

/** `attention`: it works, and somebody should see to it. `bad`: it does not, or will not for long. */
export interface Check {
  readonly name: string
  readonly state: 'good' | 'attention' | 'bad'
  readonly detail: string
}

type Finding = readonly [state: Check['state'], detail: string]

/** Looks everything over and changes nothing. What a check needs and does not have leaves it out. */
export async function* checkHouse(): AsyncGenerator<Check> {
  let config: Config | undefined
  yield await check('configuration', () => {
    config = readConfig()
    return ['good', `${config.environment}, ${config.publicUrl}`]
  })
  if (config === undefined) return
  const settings = config
  const { dataDir } = settings
  let store: Inspection | undefined
  yield await check('database', async () => {
    store = await inspect(settings)
    return store === undefined ? ['bad', `there is none in ${dataDir}`] : ['good', await store.describe()]
  })
  if (store === undefined) return
  try {
    yield* checkStore(store, settings)
  } finally {
    await store.close()
  }
  yield await check('disk', () => checkDisk(dataDir))
}

async function inspect({ databaseUrl, dataDir }: Config): Promise<Inspection | undefined> {
  if (databaseUrl === undefined) return inspectSqlite(dataDir)
  const { inspectPostgres } = await import('../../core/store/postgres/inspect-postgres.ts')
  return inspectPostgres(databaseUrl)
}

async function* checkStore(store: Inspection, config: Config): AsyncGenerator<Check> {
  yield await check('settings', async () => ['good', await store.checkSettings()])
  yield await check('migrations', async () => {
    const count = await store.countMissingMigrations()
    return count === 0 ? ['good', 'all applied'] : ['attention', `${count} to be applied by the next start`]
  })
  yield await check('integrity', async () => {
    const [first, ...more] = await store.findDamage()
    return first === undefined ? ['good', 'sound'] : ['bad', `${first} (and ${more.length} more)`]
  })
  yield await check('references', async () => {
    const count = await store.countBrokenReferences()
    return count === 0 ? ['good', 'whole'] : ['bad', `${count} to rows that do not exist`]
  })
  let keyring: Keyring | undefined
  yield await check('master key', async () => {
    const { byokMasterKey: current, byokMasterKeyPrevious: previous } = config.secrets
    const unlocked = unlockKeyring({ current, previous }, await storedVersions(store.read))
    keyring = unlocked.keyring
    if (unlocked.toStore.length === 0) return ['good', `opens version ${keyring.currentVersion}`]
    return ['attention', `becomes version ${keyring.currentVersion} by the next start`]
  })
  yield await check('clock', () => checkClock(store))
  const keys = keyring
  if (keys === undefined) return
  yield await check('rotation', () => checkRotation(store, keys, config))
  yield await check('audit log', async () => {
    const checkpoints = await readCheckpoints(join(config.dataDir, checkpointFile), checkpointKey(keys))
    const verdict = await verifyChains(store.read, keys, checkpoints)
    return [verdict.intact ? 'good' : 'bad', describeVerdict(verdict)]
  })
}

async function checkRotation(store: Inspection, keyring: Keyring, config: Config): Promise<Finding> {
  const counts = await countByVersion(store.read)
  const older = counts.filter(({ version }) => version !== keyring.currentVersion)
  const left = older.reduce((sum, { count }) => sum + count, 0)
  const unfinished = (await storedVersions(store.read)).filter(
    ({ version, root }) => root !== null && version !== keyring.currentVersion,
  )
  if (left > 0) return ['attention', `${left} values are sealed under an older version: run \`oort keys rekey\``]
  if (unfinished.length > 0) return ['attention', 'the older version can be retired: run `oort keys rekey`']
  if (config.secrets.byokMasterKeyPrevious !== undefined && keyring.versions.length === 1) {
    return ['attention', 'BYOK_MASTER_KEY_PREVIOUS is retired: remove it']
  }
  return ['good', `everything is sealed under version ${keyring.currentVersion}`]
}

/** Codes of second factors, sessions and links all go by the clock. The newest entry of the log is its only witness. */
async function checkClock(store: Inspection): Promise<Finding> {
  const newest = (await newestAudit(store.read)) ?? 0
  const now = Date.now()
  if (now < newest - minute) {
    return [
      'bad',
      `it is ${new Date(now).toISOString()}, before the newest audit entry (${new Date(newest).toISOString()})`,
    ]
  }
  return ['good', new Date(now).toISOString()]
}

const scarce = { attention: 2_000_000_000, bad: 200_000_000 }

function checkDisk(dataDir: string): Finding {
  const { bavail, bsize } = statfsSync(dataDir)
  const free = bavail * bsize
  const detail = `${megabytes(free)} free`
  if (free < scarce.bad) return ['bad', detail]
  return [free < scarce.attention ? 'attention' : 'good', detail]
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

async function check(name: string, look: () => Finding | Promise<Finding>): Promise<Check> {
  try {
    const [state, detail] = await look()
    return { name, state, detail }
  } catch (error) {
    const detail = error instanceof ConfigError ? error.message : explainError(error).message
    return { name, state: 'bad', detail: detail.replaceAll('\n', '; ') }
  }
}
