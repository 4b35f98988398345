import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendEvent } from '../../../../core/audit/append-event.ts'
import { checkpointFile, checkpointKey } from '../../../../core/audit/checkpoint.ts'
import { keepCheckpoints } from '../../../../core/audit/keep-checkpoints.ts'
import { readCheckpoints } from '../../../../core/audit/read-checkpoints.ts'
import { verifyChains } from '../../../../core/audit/verify-chain.ts'
import { systemClock } from '../../../../core/clock.ts'
import type { Keyring } from '../../../../core/crypto/keyring.ts'
import { newId } from '../../../../core/ids.ts'
import { createLog } from '../../../../core/log.ts'
import { countAppended } from '../../../../core/store/audit-rows.ts'
import { countSettled } from '../../../../core/store/count-settled.ts'
import { openPostgres } from '../../../../core/store/postgres/open-postgres.ts'
import { postgresDb } from '../../../../core/store/postgres/postgres-db.ts'
import type { Db, Store } from '../../../../core/store/store.ts'
import { unlockStore } from '../../../../core/store/unlock.ts'
import { onServer } from '../../../support/database.ts'
import { type PostgresCluster, startPostgres } from '../../../support/postgres-cluster.ts'
import { withoutPostgres } from './lab.ts'

describe.skipIf(withoutPostgres)('entries that are committed after later ones on PostgreSQL', () => {
  let cluster: PostgresCluster
  let folder: string
  let url: string
  let store: Store
  let keyring: Keyring

  beforeAll(async () => {
    cluster = await startPostgres()
    folder = await mkdtemp(join(tmpdir(), 'oort-settled-'))
    url = await cluster.createDatabase()
    store = await openPostgres(url, folder)
    ;({ keyring } = await unlockStore(store, { current: randomBytes(32).toString('base64') }, 0))
  })

  afterAll(async () => {
    await store?.close()
    await cluster?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const append = (db: Db) => {
    const subjectId = newId('user')
    const actor = { kind: 'system', id: 'test', requestId: newId('request') } as const
    const event = { type: 'session.refused', reason: 'password' } as const
    return appendEvent(db, keyring, { subjectId, actor, event, target: { kind: 'users', id: subjectId }, ts: 0 })
  }

  /** Appends an entry that has its number, and is not committed before `work` is done. */
  async function whileHeld(work: () => Promise<void>): Promise<void> {
    await onServer(url, async (client) => {
      // Of its own kind, so that it meets nobody: it would be written anew then, with another number.
      await client.query('BEGIN ISOLATION LEVEL READ COMMITTED')
      await append(postgresDb(client, (error) => error))
      await work()
      await client.query('COMMIT')
    })
  }

  test('a number is settled when every lower one is committed, or will not be', async () => {
    await store.write(append)
    expect(await countSettled(store.read)).toBe(1)
    let settled: Promise<number> | undefined
    await whileHeld(async () => {
      await store.write(append)
      expect(await countAppended(store.read)).toBe(3)
      await expect(countSettled(store.read, 0)).rejects.toThrow()
      settled = countSettled(store.read)
    })
    expect(await settled).toBe(3)
  })

  test('A2 an entry that is committed late is witnessed, however many went before', async () => {
    const keeper = keepCheckpoints({ store, keyring, clock: systemClock, log: createLog({ logLevel: 'silent' }) })
    let written: Promise<void> | undefined
    await whileHeld(async () => {
      await store.write(async (db) => {
        for (let count = 0; count < 300; count += 1) await append(db)
      })
      written = keeper.write()
      // What the keeper asks of the server is asked before these are.
      for (let count = 0; count < 20; count += 1) await store.write(append)
    })
    await written
    await keeper.write()
    await keeper.finish()
    const checkpoints = await readCheckpoints(join(folder, checkpointFile), checkpointKey(keyring))
    expect(await verifyChains(store.read, keyring, checkpoints)).toMatchObject({ intact: true, unwitnessed: 0 })
  })
})
