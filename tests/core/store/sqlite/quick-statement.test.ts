import SqliteDatabase from 'better-sqlite3'
import { eq, sql } from 'drizzle-orm'
import { blob, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { limitSlot, slot } from '../../../../core/store/prepared.ts'
import { sqliteDb } from '../../../../core/store/sqlite/open-sqlite.ts'
import { quickStatement } from '../../../../core/store/sqlite/quick-statement.ts'

const things = sqliteTable('things', {
  id: integer().primaryKey(),
  name: text(),
  tags: text({ mode: 'json' }).$type<readonly string[]>(),
  open: integer({ mode: 'boolean' }),
  bytes: blob({ mode: 'buffer' }),
})
const kept = { id: 1, name: 'a', tags: ['x', 'y'], open: true, bytes: Buffer.from('b') }
const blank = { id: 2, name: null, tags: null, open: null, bytes: null }

const connect = () => sqliteDb(new SqliteDatabase(':memory:'))
let db: ReturnType<typeof connect>

beforeEach(() => {
  db = connect()
  db.$client.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, tags TEXT, open INTEGER, bytes BLOB)')
})

const insert = () => {
  const places = Object.entries(kept).map(([name]) => [name, sql`${slot(things[name as 'name'], name)}`])
  return quickStatement(db.insert(things).values(Object.fromEntries(places)).prepare())
}

describe('a statement that is run often', () => {
  test('writes and reads values as their columns do, null as it is', async () => {
    const statement = insert()
    for (const row of [kept, blank]) await expect(statement.execute(row)).resolves.toMatchObject({ changes: 1 })
    const all = quickStatement(db.select().from(things).orderBy(things.id).prepare())
    await expect(all.execute({})).resolves.toEqual([kept, blank])
    await expect(db.select().from(things).orderBy(things.id)).resolves.toEqual([kept, blank])
  })

  test('is refused without one of its values, and writes nothing', async () => {
    const { name: _, ...rest } = kept
    await expect(insert().execute(rest)).rejects.toThrow(TypeError)
    await expect(db.select().from(things)).resolves.toEqual([])
  })

  test('takes values from their slots alone, and as many rows as it is told', async () => {
    const statement = insert()
    for (const id of [1, 2, 3]) await statement.execute({ ...kept, id })
    const named = db
      .select({ id: things.id, shout: sql<string>`upper(name)` })
      .from(things)
      .where(eq(things.name, slot(things.name, 'name')))
      .limit(limitSlot('limit'))
    const find = quickStatement(named.prepare())
    await expect(find.execute({ name: 'a', limit: 2 })).resolves.toEqual([
      { id: 1, shout: 'A' },
      { id: 2, shout: 'A' },
    ])
    await expect(find.execute({ name: "a' OR '1'='1", limit: 9 })).resolves.toEqual([])
  })

  test('is not made of one whose answer is nested', () => {
    expect(() =>
      quickStatement(
        db
          .select({ thing: { id: things.id } })
          .from(things)
          .prepare(),
      ),
    ).toThrow(TypeError)
  })
})
