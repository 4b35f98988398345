import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SnapshotDamaged, takeSnapshot } from '../../../core/backup/snapshot.ts'
import { insideOf } from '../../../core/platform.ts'
import { asSqlite } from '../../../core/store/sqlite/open-sqlite.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

let house: SmallHouse
let folder: string

/** 24 MB that need several steps to be copied, of pages that nothing else counts or reads. */
const ballast = sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
  INSERT INTO spent_challenges (hash, expires_at) SELECT randomblob(4000), i FROM n`

beforeEach(async () => {
  house = await openHouse()
  folder = await mkdtemp(join(tmpdir(), 'oort-snapshot-'))
  await insideOf(house.platform).store.write(async (db) => db.run(ballast))
})

afterEach(async () => {
  await house.close()
  await rm(folder, { recursive: true })
})

test('R5 a snapshot is of one moment and comes to its end however much is written meanwhile', async () => {
  const user = await house.user()
  let taken = false
  const snapshot = takeSnapshot(house.dataDir, folder).finally(() => {
    taken = true
  })
  let written = 1
  for (; !taken && written < 2_000; written += 1) {
    await user.write((tx) => tx.record({ type: 'session.refused', reason: 'password' }))
  }
  const { auditRows, pages } = await snapshot
  expect(pages).toBeGreaterThan(5_000)
  expect(auditRows).toBeGreaterThan(0)
  expect(auditRows).toBeLessThan(written)
})

test('a database that is damaged makes no snapshot, so that no good backup ages out for it', async () => {
  const { file } = asSqlite(insideOf(house.platform).store)
  await house.platform.close()
  const { size } = await stat(file)
  const handle = await open(file, 'r+')
  await handle.write(Buffer.alloc(4_096, 0xa5), 0, 4_096, size - 8_192)
  await handle.close()
  await expect(takeSnapshot(house.dataDir, folder)).rejects.toBeInstanceOf(SnapshotDamaged)
})
