import { enrolAccount } from '../../../core/accounts/enrol-account.ts'
import type { UserId } from '../../../core/ids.ts'
import { shipped } from '../../support/built.ts'
import { type Ended, type Environment, start, strongSecrets } from '../../support/process.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

const program = await shipped('infra/cli/oort.ts')

/** Runs `oort` as a process of its own. */
export function oort(env: Environment, ...args: string[]): Promise<Ended> {
  return start(program, args, env).ended
}

/** What a command prints with `--json`. */
export async function oortJson<T>(env: Environment, ...args: string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await oort(env, ...args, '--json')
  if (exitCode !== 0) throw new Error(`oort ${args.join(' ')} ended with ${exitCode}: ${stderr}`)
  return JSON.parse(stdout) as T
}

/** A database with an account for each name, `<name>@example.com`, that nobody has open. */
export async function closedHouse(
  dataDir: string,
  names: readonly string[] = [],
  more: (house: SmallHouse) => Promise<unknown> = async () => undefined,
) {
  const env = { NODE_ENV: 'test', ...strongSecrets(), OORT_DATA_DIR: dataDir }
  const house = await openHouse({ dataDir, env })
  const ids = new Map<string, UserId>()
  for (const name of names) {
    const account = { email: `${name}@example.com`, passwordHash: 'none', emailVerifiedAt: null }
    ids.set(name, (await enrolAccount(house.platform, account, 'req_test')).userId)
  }
  await more(house)
  await house.close()
  return { env, ids }
}
