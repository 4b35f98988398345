import { randomBytes } from 'node:crypto'
import SqliteDatabase from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { houseSubject } from '../../../../core/audit/events.ts'
import { verifyChains } from '../../../../core/audit/verify-chain.ts'
import { newId } from '../../../../core/ids.ts'
import { insideOf } from '../../../../core/platform.ts'
import { consoleActor } from '../../../../core/scope/console-scope.ts'
import { auditEvents } from '../../../../core/store/schema.ts'
import { compact } from '../../../../core/store/sqlite/compact.ts'
import { asSqlite } from '../../../../core/store/sqlite/open-sqlite.ts'
import { bytesIn, createByteSearch } from '../../../support/byte-search.ts'
import { openHouse, type SmallHouse } from '../../../support/small-house.ts'
import { fill, openEverything } from '../rekey-lab.ts'

let house: SmallHouse
beforeEach(async () => {
  house = await openHouse()
  await fill(house, 2, 20)
})
afterEach(() => house.close())

/** Puts bytes into the file that no row accounts for, as a connection does that overwrites nothing. */
function leaveTraces(file: string): Buffer[] {
  const traces = Array.from({ length: 200 }, () => randomBytes(40))
  const careless = new SqliteDatabase(file)
  careless.pragma('secure_delete = OFF')
  const insert = careless.prepare('INSERT INTO instances VALUES (?, ?, 1, 0, 0)')
  careless.transaction(() => {
    for (const trace of traces) insert.run(newId('instance'), trace.toString('hex'))
  })()
  careless.exec('DELETE FROM instances')
  careless.close()
  return traces
}

test('D1 a compacted database holds nothing but its rows, which open as before and stay in their chains', async () => {
  const { store, keyring } = insideOf(house.platform)
  const before = await openEverything(house)
  const found = createByteSearch(leaveTraces(asSqlite(store).file))
  // They lie in free pages, which the rewriting of tables does not reach.
  expect(await store.eraseTraces()).toBe(true)
  expect(found(await bytesIn(house.dataDir)).size).toBeGreaterThan(0)

  const receipt = await compact(house.platform, consoleActor())
  expect(receipt.bytesErased).toBe(true)
  expect(receipt.bytesAfter).toBeLessThan(receipt.bytesBefore)
  expect(found(await bytesIn(house.dataDir))).toEqual(new Set())
  expect(await openEverything(house)).toEqual(before)
  expect(await verifyChains(store.read, keyring)).toMatchObject({ intact: true })
  const events = await store.read.select().from(auditEvents).where(eq(auditEvents.subjectId, houseSubject))
  const { bytesBefore, bytesAfter } = receipt
  expect(events).toMatchObject([{ action: 'database.compacted', detail: JSON.stringify({ bytesBefore, bytesAfter }) }])
})

test('D1 a reader that holds the log makes the answer false', { timeout: 60_000 }, async () => {
  const { file } = asSqlite(insideOf(house.platform).store)
  const reader = new SqliteDatabase(file, { readonly: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM users').get()
  expect(await compact(house.platform, consoleActor())).toMatchObject({ bytesErased: false })
  reader.close()
  expect(await compact(house.platform, consoleActor())).toMatchObject({ bytesErased: true })
})
