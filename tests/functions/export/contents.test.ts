import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendEvent } from '../../../core/audit/append-event.ts'
import { insideOf } from '../../../core/platform.ts'
import * as schema from '../../../core/store/schema.ts'
import { leftOut, sections } from '../../../functions/export/sections/all.ts'
import { createByteSearch } from '../../support/byte-search.ts'
import { startOort, type TestOort } from '../../support/oort.ts'
import { exportOf, type Files, rowsOf, type Stock, stockedUser, unpack } from './lab.ts'

const tables = Object.values(schema).filter((value) => is(value, SQLiteTable))
const ownedTables = tables.filter((table) => 'userId' in getTableColumns(table))

let oort: TestOort
let owner: Stock
let stranger: Stock
let files: Files
beforeAll(async () => {
  oort = await startOort()
  owner = await stockedUser(oort, 'owner', 40)
  stranger = await stockedUser(oort, 'stranger')
  files = await unpack(await exportOf(owner.browser))
})
afterAll(() => oort.close())

describe('what an export holds', () => {
  test('every table of users\u2019 rows has a section or a reason to have none', () => {
    const covered = sections.flatMap(({ table }) => (table === undefined ? [] : [getTableName(table)]))
    const named = [...covered, ...leftOut.map(({ table }) => getTableName(table))]
    expect(named.toSorted()).toEqual(ownedTables.map((table) => getTableName(table)).toSorted())
  })

  test.each(sections.flatMap(({ file, table }) => (table === undefined ? [] : [{ file, table }])))(
    '$file holds every row of its table, newest first',
    async ({ file, table }) => {
      const stored = await owner.scope.list(table, { limit: 1_000 })
      expect(stored.length).toBeGreaterThan(0)
      expect(rowsOf(files, file).map(({ id }) => id)).toEqual(stored.map(({ id }) => id))
    },
  )

  test('prompts, outputs, labels and the address are in it as they were written', () => {
    const everything = Buffer.concat([...files.values()]).toString('utf8')
    for (const text of owner.texts) expect(everything).toContain(text)
    const written = rowsOf(files, 'runs.ndjson').find(({ prompt }) => prompt === 'prompt of owner 7 ')
    expect(written).toMatchObject({ output: 'output of owner 7\nsecond line \u2028 ünïcode' })
    expect(rowsOf(files, 'profile.ndjson')).toMatchObject([{ id: owner.scope.userId, email: owner.browser.email }])
  })

  test('the audit chain is whole up to the export itself', async () => {
    const entries = rowsOf(files, 'audit.ndjson')
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1))
    expect(entries.slice(-2).map(({ action }) => action)).toEqual(['export.started', 'export.streaming'])
  })

  test('nothing of another user is in it', () => {
    const everything = Buffer.concat([...files.values()]).toString('utf8')
    for (const text of [...stranger.texts, stranger.scope.userId]) expect(everything).not.toContain(text)
  })
})

test('D3 no secret, ciphertext, tag or hash is in an export', async () => {
  const { store } = insideOf(oort.platform)
  const bytes: (string | Buffer)[] = [...owner.secrets]
  for (const table of [...ownedTables, schema.users]) {
    const own = (await store.read.select().from(table)).filter(
      (row: Record<string, unknown>) => (row['userId'] ?? row['id']) === owner.scope.userId,
    )
    for (const row of own) bytes.push(...Object.values(row).filter((value) => Buffer.isBuffer(value)))
  }
  expect(bytes.length).toBeGreaterThan(200)
  const [prompt] = owner.texts.filter((text) => text.startsWith('prompt'))
  const control = bytes.push(prompt ?? '') - 1
  const found = createByteSearch(bytes)(Buffer.concat([...files.values()]))
  expect([...found]).toEqual([control])
})

test('an administrator who acted is not named', async () => {
  const admin = await oort.signedIn()
  const { store, keyring } = insideOf(oort.platform)
  const actor = { kind: 'admin', id: `usr_admin_${admin.email}`, requestId: 'req_test' } as const
  const subjectId = owner.scope.userId
  const event = { type: 'user.unsuspended', reason: 'test' } as const
  await store.write((db) =>
    appendEvent(db, keyring, { subjectId, actor, event, target: { kind: 'users', id: subjectId }, ts: 1 }),
  )
  const again = await unpack(await exportOf(owner.browser))
  const entry = rowsOf(again, 'audit.ndjson').find(({ action }) => action === 'user.unsuspended')
  expect(entry).toMatchObject({ actorKind: 'admin', actorId: null })
  expect(again.get('audit.ndjson')?.includes(actor.id)).toBe(false)
})
