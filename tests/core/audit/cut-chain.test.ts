import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkpointFile, checkpointKey } from '../../../core/audit/checkpoint.ts'
import { type CheckpointKeeper, keepCheckpoints } from '../../../core/audit/keep-checkpoints.ts'
import { readCheckpoints } from '../../../core/audit/read-checkpoints.ts'
import { verifyChain, verifyChains } from '../../../core/audit/verify-chain.ts'
import type { UserId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { tamper } from '../../support/behind-the-store.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

let house: SmallHouse
let keeper: CheckpointKeeper

beforeEach(async () => {
  house = await openHouse()
  keeper = keepCheckpoints({ ...insideOf(house.platform), log: house.platform.log })
})

afterEach(async () => {
  await keeper.finish()
  await house.close()
})

async function grow(user: UserScope, by: number): Promise<void> {
  for (let count = 0; count < by; count += 1) {
    await user.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
  }
}

/** Cuts a chain off after an entry, so that what is written next goes on from there. */
async function cut(subjectId: UserId, after: number): Promise<void> {
  const gone = `DELETE FROM audit_events WHERE subject_id = '${subjectId}' AND seq > ${after}`
  const moved = `UPDATE audit_heads SET seq = ${after}, hash = (SELECT hash FROM audit_events
    WHERE subject_id = '${subjectId}' AND seq = ${after}) WHERE subject_id = '${subjectId}'`
  await tamper(house.platform, house.platform.config.databaseUrl === undefined ? gone : `${gone}; ${moved}`)
}

async function verdicts(subjectId: UserId) {
  const { store, keyring } = insideOf(house.platform)
  const checkpoints = await readCheckpoints(join(house.dataDir, checkpointFile), checkpointKey(keyring))
  const own = await verifyChain(store.read, keyring, subjectId, checkpoints)
  return [await verifyChains(store.read, keyring, checkpoints), own]
}

test.each([
  ['as far as it was', 3],
  ['past its old end', 4],
])('A2 a chain that was cut and grew anew %s is found, after further checkpoints too', async (_name, regrown) => {
  const user = await house.user()
  await grow(user, 9)
  await keeper.write()
  const other = await house.user()
  await cut(user.userId, 7)
  await grow(user, regrown)
  await keeper.write()
  await grow(other, 1)
  await keeper.write()
  const rebuilt = { intact: false, fault: 'rebuilt', subjectId: user.userId, seq: 10 }
  expect(await verdicts(user.userId)).toEqual([rebuilt, rebuilt])
  expect((await verdicts(other.userId))[1]).toMatchObject({ intact: true, rows: 2 })
})
