import { existsSync } from 'node:fs'
import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  inspectMove,
  type MoveWatch,
  moveToPostgres,
} from '../../../../core/store/migrate-to-postgres/move-to-postgres.ts'
import { movedTables } from '../../../../core/store/migrate-to-postgres/table-shape.ts'
import { openPostgres } from '../../../../core/store/postgres/open-postgres.ts'
import { readMoveNote, writeMoveNote } from '../../../../core/store/postgres/unfinished-move.ts'
import { openSqlite } from '../../../../core/store/sqlite/open-sqlite.ts'
import { onServer } from '../../../support/database.ts'
import { openHouse } from '../../../support/small-house.ts'
import { withoutPostgres } from './lab.ts'
import { behind, type FullHouse, type MoveLab, openMoveLab } from './move-lab.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const quiet: MoveWatch = { begin: () => undefined, add: () => undefined }

/** As a process that is killed when about so many rows were copied: nothing of it comes to an end. */
function endingAfter(rows: number): MoveWatch {
  let left = Number.POSITIVE_INFINITY
  return {
    begin: (doing) => {
      left = doing === 'copied' ? rows : Number.POSITIVE_INFINITY
    },
    add: (count) => {
      left -= count
      if (left <= 0) throw new Error('ended')
    },
  }
}

describe.skipIf(withoutPostgres)('a database that is moved to PostgreSQL', () => {
  let lab: MoveLab
  let url: string

  beforeAll(async () => {
    lab = await openMoveLab()
  })
  afterAll(() => lab?.close())

  const orderOf = ({ dataDir, env }: FullHouse, to: string) => ({
    dataDir,
    to,
    secrets: { current: env['BYOK_MASTER_KEY'] ?? '', previous: undefined },
  })
  const isMarked = ({ dataDir }: FullHouse) => existsSync(join(dataDir, 'moved-to-postgres'))
  const rowsOf = <T extends object>(query: string) =>
    onServer(url, async (client) => (await client.query<T>(query)).rows)

  test('has every row of every table, byte for byte, and goes on numbering the log where it was', async () => {
    const house = await lab.house()
    url = await lab.createDatabase()
    const moved = await moveToPostgres(orderOf(house, url), quiet)
    expect(moved.tables.filter(({ rows }) => rows === 0)).toEqual([])
    expect(moved.tables.length).toBe(movedTables.length)
    expect(moved.chain).toMatchObject({ intact: true })
    for (const { table, rows } of moved.tables) {
      const columns = movedTables.find(({ name }) => name === table)?.columns ?? []
      // By the engines' own words, beside our comparison.
      const there = await rowsOf<{ hex: string }>(
        `SELECT concat_ws('|', ${columns.map(({ name, kind }) => `coalesce(${hexOf(kind, `"${name}"`)}, '-')`).join()}) AS hex FROM ${table}`,
      )
      const here = behind(house.dataDir, (database) =>
        database
          .prepare<[], string>(
            `SELECT concat_ws('|', ${columns.map(({ name }) => `iif(${name} IS NULL, '-', lower(hex(${name})))`).join()}) FROM ${table}`,
          )
          .pluck()
          .all(),
      )
      expect([table, there.map(({ hex }) => hex).sort()]).toEqual([table, here.sort()])
      expect(there.length).toBe(rows)
    }
    const [before] = await rowsOf<{ max: string }>('SELECT max(rowid) FROM audit_events')
    const served = await openHouse({ dataDir: house.dataDir, env: { ...house.env, DATABASE_URL: url } })
    await served.user()
    await served.close()
    const [after] = await rowsOf<{ max: string }>('SELECT max(rowid) FROM audit_events')
    expect(Number(after?.max)).toBe(Number(before?.max) + 1)
  })

  test('is served from there alone: the folder refuses a start, until its mark is taken away', async () => {
    const house = await lab.house()
    await moveToPostgres(orderOf(house, await lab.createDatabase()), quiet)
    expect(() => openSqlite(house.dataDir)).toThrow(/was moved to postgres:.*[\s\S]*DATABASE_URL[\s\S]*To go back/)
    expect(() => openSqlite(house.dataDir)).not.toThrow(/:[^/]+@/)
    await expect(moveToPostgres(orderOf(house, await lab.createDatabase()), quiet)).rejects.toThrow('was moved to')
    behind(house.dataDir, (database) => {
      expect(() => database.exec("UPDATE users SET role = 'admin'")).toThrow('this database was moved')
    })
    await rm(join(house.dataDir, 'moved-to-postgres'))
    const back = await openHouse(house)
    await back.user()
    await back.close()
  })

  test('takes no write of a process that had it open, neither meanwhile nor afterwards', async () => {
    const house = await lab.house()
    const open = await openHouse(house)
    let meanwhile: Promise<unknown> | undefined
    await moveToPostgres(orderOf(house, await lab.createDatabase()), {
      begin: () => {
        meanwhile ??= open.user().then(
          () => 'written',
          () => 'refused',
        )
      },
      add: () => undefined,
    })
    expect(await meanwhile).toBe('refused')
    await expect(open.user()).rejects.toThrow()
    await open.close()
  })

  test('broken off in the middle of a table goes on there, and neither place is half served', async () => {
    const house = await lab.house(2_500)
    url = await lab.createDatabase()
    await expect(moveToPostgres(orderOf(house, url), endingAfter(1_500))).rejects.toThrow('ended')
    const [had] = await rowsOf<{ runs: string }>('SELECT count(*) AS runs FROM runs')
    expect(Number(had?.runs)).toBeGreaterThan(0)
    expect(Number(had?.runs)).toBeLessThan(2_500)
    await expect(openPostgres(url, house.dataDir)).rejects.toThrow('not finished')
    await openSqlite(house.dataDir).close()

    const told = new Map<string, number>()
    const moved = await moveToPostgres(orderOf(house, url), { ...quiet, begin: (doing, rows) => told.set(doing, rows) })
    expect(told.get('copied')).toBe(moved.copied)
    const rows = moved.tables.reduce((sum, table) => sum + table.rows, 0)
    expect(moved).toMatchObject({ beginning: 'resumed' })
    expect(moved.copied).toBeLessThan(rows - Number(had?.runs) + 1)
    expect(isMarked(house)).toBe(true)
  })

  test('that was written to after a copy was broken off is copied anew, with what was lost and changed since', async () => {
    const house = await lab.house(1_500)
    url = await lab.createDatabase()
    await expect(moveToPostgres(orderOf(house, url), endingAfter(5_000))).rejects.toThrow('ended')
    const [log] = await rowsOf<{ entries: string }>('SELECT count(*) AS entries FROM audit_events')
    expect(Number(log?.entries)).toBeGreaterThan(0)
    const open = await openHouse(house)
    await open.user()
    await open.close()
    behind(house.dataDir, (database) => {
      database.pragma('foreign_keys = ON')
      database.exec("DELETE FROM runs WHERE id = (SELECT min(id) FROM runs); UPDATE provider_keys SET label = 'new'")
    })
    expect(await moveToPostgres(orderOf(house, url), quiet)).toMatchObject({ beginning: 'renewed' })
    expect(await rowsOf('SELECT DISTINCT label FROM provider_keys')).toEqual([{ label: 'new' }])
  })

  test('whose copy was tampered with is not marked, and the first row that differs is named', async () => {
    const house = await lab.house()
    const disarmed = (sql: string) => `ALTER TABLE audit_events DISABLE TRIGGER USER; ${sql}`
    for (const [tampering, says] of [
      [
        "UPDATE users SET role = 'admin' WHERE id = (SELECT max(id) FROM users)",
        /^users: usr_\S+ differs in the copy, in role/,
      ],
      ['DELETE FROM runs WHERE id = (SELECT min(id) FROM runs)', /^runs: run_\S+ is missing in the copy/],
      ["INSERT INTO forgotten_customers VALUES ('cus_~', 1)", /^forgotten_customers: cus_~ is in the copy and not/],
      [
        disarmed("UPDATE audit_events SET detail = '[]' WHERE rowid = 1"),
        /^audit_events: 1 differs in the copy, in detail/,
      ],
      [
        "UPDATE audit_heads SET hash = decode(repeat('00', 32), 'hex')",
        /^audit_heads: usr_\S+ is not where its chain ends/,
      ],
      ['UPDATE provider_keys SET secret_iv = secret_tag', /^provider_keys: \S+ differs in the copy, in secret_iv/],
    ] as const) {
      url = await lab.createDatabase()
      const watch: MoveWatch = {
        begin: (doing) => {
          if (doing === 'compared') throw new Error('ended')
        },
        add: () => undefined,
      }
      await expect(moveToPostgres(orderOf(house, url), watch)).rejects.toThrow('ended')
      await onServer(url, (client) => client.query(tampering))
      await expect(moveToPostgres(orderOf(house, url), quiet)).rejects.toThrow(says)
      expect(isMarked(house)).toBe(false)
      await expect(openPostgres(url, house.dataDir)).rejects.toThrow('not finished')
    }
  })

  test('is looked over first: a value that PostgreSQL cannot hold is named by row and column, and nothing is copied', async () => {
    const house = await lab.house()
    url = await lab.createDatabase()
    const noise = Array.from({ length: 900 }, (_, at) => (at * 7_919 + 13).toString(36)).join('')
    const set = (column: string, value: unknown, where = "id LIKE 'run_%' AND model = 'gpt-test'") =>
      behind(house.dataDir, (database) =>
        database
          .prepare(`UPDATE runs SET ${column} = ? WHERE ${where} AND id = (SELECT max(id) FROM runs WHERE ${where})`)
          .run(value),
      )
    for (const [column, value, says] of [
      ['finish_reason', 'a\u0000b', 'finish_reason holds U+0000'],
      ['finish_reason', Buffer.from([0x61]), 'finish_reason is no text'],
      ['finished_at', 1.5, 'finished_at is no integer'],
      ['model', noise, 'model is too long for an index'],
    ] as const) {
      set(column, value, column === 'model' ? '1 = 1' : undefined)
      await expect(moveToPostgres(orderOf(house, url), quiet)).rejects.toThrow(
        new RegExp(`runs run_\\S+: ${escaped(says)}`),
      )
      expect(await rowsOf("SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toEqual([])
      set(column, column === 'model' ? 'gpt-test' : null, column === 'model' ? '1 = 1' : undefined)
    }
    // As long, and compressed short enough.
    set('model', 'm'.repeat(5_000), '1 = 1')
    await moveToPostgres(orderOf(house, url), quiet)
    expect(isMarked(house)).toBe(true)
  })

  test('goes neither into what another database left, nor into what serves already', async () => {
    const [house, other] = [await lab.house(), await lab.house()]
    url = await lab.createDatabase()
    await expect(moveToPostgres(orderOf(other, url), endingAfter(1))).rejects.toThrow('ended')
    await expect(moveToPostgres(orderOf(house, url), quiet)).rejects.toThrow('unfinished copy of another database')
    await moveToPostgres(orderOf(other, url), quiet)
    await expect(moveToPostgres(orderOf(house, url), quiet)).rejects.toThrow('is not empty')
    await expect(inspectMove(orderOf(house, url), quiet)).rejects.toThrow('is not empty')
  })

  test('is never served from both: where the last steps fail, each one that was done keeps the other place closed', async () => {
    const house = await lab.house()
    url = await lab.createDatabase()
    // A mark that cannot be written.
    const mark = join(house.dataDir, 'moved-to-postgres')
    await symlink(join(house.dataDir, 'nowhere', 'mark'), mark)
    await expect(moveToPostgres(orderOf(house, url), quiet)).rejects.toThrow('ENOENT')
    await expect(openPostgres(url, house.dataDir)).rejects.toThrow('not finished')
    await rm(mark)
    await openSqlite(house.dataDir).close()
    const note = await onServer(url, readMoveNote)
    await moveToPostgres(orderOf(house, url), quiet)

    // As the server has it that went away before the last commit.
    await onServer(url, (client) => writeMoveNote(client, note ?? { source: '', fingerprint: '' }))
    await expect(openPostgres(url, house.dataDir)).rejects.toThrow('not finished')
    expect(() => openSqlite(house.dataDir)).toThrow('was moved')
    expect(await moveToPostgres(orderOf(house, url), quiet)).toMatchObject({ beginning: 'resumed', copied: 0 })
    await (await openPostgres(url, house.dataDir)).close()
  })
})

const hexOf = (kind: string, column: string) =>
  kind === 'blob' ? `encode(${column}, 'hex')` : `encode(convert_to(${column}::text, 'UTF8'), 'hex')`

const escaped = (text: string) => text.replaceAll('+', '\\+')
