import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appendEvent } from '../../../../core/audit/append-event.ts'
import { verifyChains } from '../../../../core/audit/verify-chain.ts'
import type { UserId } from '../../../../core/ids.ts'
import { openPostgres } from '../../../../core/store/postgres/open-postgres.ts'
import { instances } from '../../../../core/store/schema.ts'
import type { Db, Store } from '../../../../core/store/store.ts'
import { unlockStore } from '../../../../core/store/unlock.ts'
import { onServer } from '../../../support/database.ts'
import { type PostgresCluster, startPostgres } from '../../../support/postgres-cluster.ts'
import { withoutPostgres } from './lab.ts'

describe.skipIf(withoutPostgres)('units of work on PostgreSQL', () => {
  let cluster: PostgresCluster
  let url: string
  let folder: string
  let store: Store
  let other: Store

  beforeAll(async () => {
    cluster = await startPostgres()
    url = await cluster.createDatabase()
    folder = await mkdtemp(join(tmpdir(), 'oort-units-'))
    ;[store, other] = await Promise.all([openPostgres(url, folder), openPostgres(url, join(folder, 'other'))])
  })

  afterAll(async () => {
    await Promise.all([store?.close(), other?.close()])
    await cluster?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const add = async (heartbeatAt: number) => {
    const id = `ins_${randomBytes(8).toString('hex')}` as typeof instances.$inferSelect.id
    await store.write(async (db) => {
      await db.insert(instances).values({ id, host: 'here', pid: 1, startedAt: 0, heartbeatAt })
    })
    return id
  }
  const read = async (db: Db, id: typeof instances.$inferSelect.id) => {
    const [row] = await db.select().from(instances).where(eq(instances.id, id))
    return row?.heartbeatAt
  }

  test('R3 a hundred of two processes that read a number and write the next lose none of each other', async () => {
    const id = await add(0)
    let runs = 0
    const count = (of: Store) =>
      of.write(async (db) => {
        runs += 1
        const was = (await read(db, id)) ?? 0
        await db
          .update(instances)
          .set({ heartbeatAt: was + 1 })
          .where(eq(instances.id, id))
      })
    await Promise.all(Array.from({ length: 100 }, (_, index) => count(index % 2 === 0 ? store : other)))
    expect(await read(store.read, id)).toBe(100)
    // They did meet, or this showed nothing.
    expect(runs).toBeGreaterThan(100)
  })

  test('R3 units about the same thing do not meet in one process, and go in the order in which they came', async () => {
    const id = await add(0)
    const seen: number[] = []
    const count = () =>
      store.write(async (db) => {
        const was = (await read(db, id)) ?? 0
        seen.push(was)
        await db
          .update(instances)
          .set({ heartbeatAt: was + 1 })
          .where(eq(instances.id, id))
      }, 'one thing')
    await Promise.all(Array.from({ length: 50 }, count))
    expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index))
  })

  test('A2 a unit that meets another between two entries of its own is run again as a whole', async () => {
    const { keyring } = await unlockStore(store, { current: randomBytes(32).toString('base64') }, 0)
    const subjectId = 'usr_shared' as UserId
    const actor = { kind: 'system', id: 'ins_1', requestId: 'req_1' } as const
    const event = { type: 'session.ended', by: 'revocation' } as const
    const append = (db: Db) =>
      appendEvent(db, keyring, { subjectId, actor, event, target: { kind: 'sessions', id: 'ses_1' }, ts: 0 })
    await store.write(append)
    const id = await add(0)
    let runs = 0
    await store.write(async (db) => {
      runs += 1
      await read(db, id)
      await append(db)
      // Each has read what the other writes: there is no order in which both could have been.
      if (runs === 1) {
        await other.write(async (theirs) => {
          await theirs.all(sql`SELECT seq FROM audit_heads WHERE subject_id = ${subjectId}`)
          await theirs.update(instances).set({ heartbeatAt: 1 }).where(eq(instances.id, id))
        })
      }
      await append(db)
    })
    expect(runs).toBe(2)
    expect(await verifyChains(store.read, keyring, undefined)).toMatchObject({ intact: true, rows: 3 })
  })

  test('a unit that throws is rolled back, and its db is dead once it has ended', async () => {
    const id = await add(1)
    let kept: Db | undefined
    const failing = store.write(async (db) => {
      kept = db
      await db.update(instances).set({ heartbeatAt: 2 }).where(eq(instances.id, id))
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await read(store.read, id)).toBe(1)
    expect(() => kept?.select()).toThrow(TypeError)
  })

  test('the reading side can write nothing', async () => {
    await expect(store.read.delete(instances)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  test.each([
    ['DELETE FROM audit_events'],
    ['UPDATE audit_events SET ts = 0'],
    ['DROP TABLE runs'],
    ['ALTER TABLE audit_events DISABLE TRIGGER ALL'],
    ['CREATE TABLE more (id int)'],
    ['UPDATE __drizzle_migrations SET hash = hash'],
  ])('A1 functions cannot: %s', async (statement) => {
    await expect(store.write((db) => db.run(sql.raw(statement)))).rejects.toMatchObject({ code: 'INTERNAL' })
  })

  test('R4 a value that breaks a rule is told by its code alone', async () => {
    const id = await add(0)
    const again = store.write((db) =>
      db.insert(instances).values({ id, host: 'a secret', pid: 1, startedAt: 0, heartbeatAt: 0 }),
    )
    const error = await again.then(String, (reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'CONFLICT', cause: { code: '23505', message: '23505' } })
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret')
  })

  test('alone: of two processes one waits for the other', async () => {
    const order: string[] = []
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const { promise: go, resolve: release } = Promise.withResolvers<void>()
    const first = store.alone(async () => {
      begin()
      await go
      order.push('first')
    })
    await begun
    const second = other.alone(async () => {
      order.push('second')
    })
    await store.read.all(sql`SELECT pg_sleep(0.1)`)
    release()
    await Promise.all([first, second])
    expect(order).toEqual(['first', 'second'])
  })

  test('R4 connections that the server ended are replaced, and nobody but their users is told', async () => {
    const id = await add(5)
    const others = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`
    const { rowCount } = await onServer(url, (owner) => owner.query(others))
    expect(rowCount).toBeGreaterThan(1)
    await expect.poll(() => read(store.read, id)).toBe(5)
    await expect.poll(() => add(6).then(() => true)).toBe(true)
  })
})
