import { join } from 'node:path'
import { Client, type ClientConfig } from 'pg'
import { migratePostgres } from '../../../../core/store/postgres/migrate-postgres.ts'
import { postgresPrograms, startPostgres } from '../../../support/postgres-cluster.ts'
import { root } from '../../../support/source-graph.ts'

/** These tests need PostgreSQL's own server, and are skipped where there is none. */
export const withoutPostgres = postgresPrograms === undefined

export const shipped = join(root, 'core/store/migrations/postgres')

export type Lab = Awaited<ReturnType<typeof openLab>>

/** A server of its own, whose connections end with it. */
export async function openLab() {
  const cluster = await startPostgres({ fsync: false })
  const clients: Client[] = []
  const connect = async (url: string, options: ClientConfig = {}): Promise<Client> => {
    const client = new Client({ connectionString: url, ...options })
    await client.connect()
    clients.push(client)
    return client
  }
  return {
    connect,
    createDatabase: () => cluster.createDatabase(),
    /** A database with the schema, and a connection of its owner. */
    async migrated() {
      const url = await cluster.createDatabase()
      const owner = await connect(url)
      await migratePostgres(owner, shipped)
      return { url, owner }
    },
    /** A connection of the superuser to the same database. */
    superuser(url: string) {
      const { username, password } = new URL(cluster.url)
      return connect(as(url, username, password))
    },
    async close() {
      await Promise.all(clients.map((client) => client.end()))
      await cluster.stop()
    },
  }
}

/** The same database for somebody else. */
export function as(url: string, user: string, password: string): string {
  return Object.assign(new URL(url), { username: user, password }).href
}

export const auditColumns =
  'subject_id, seq, ts, actor_kind, actor_id, action, target_kind, target_id, detail, request_id, prev, hash'

/** An entry of `usr_1`, as the statement that adds it: its hash is its number in every byte. */
export function entry(seq: number, prev: number = seq - 1): string {
  const hash = (number: number) => `decode(repeat(lpad(to_hex(${number}), 2, '0'), 32), 'hex')`
  return `INSERT INTO audit_events (${auditColumns}) VALUES
    ('usr_1', ${seq}, 0, 'user', 'usr_1', 'a', 'users', 'usr_1', '{}', 'req_1', ${hash(prev)}, ${hash(seq)})`
}
