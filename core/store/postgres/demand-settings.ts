import type { ClientBase, Pool } from 'pg'

/** A server on which an acknowledged commit could be lost: the start must not go on. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/** Without these a commit that was answered can be lost when the machine loses power. */
const required: Readonly<Record<string, readonly string[]>> = {
  fsync: ['on'],
  full_page_writes: ['on'],
  synchronous_commit: ['on', 'local', 'remote_write', 'remote_apply'],
}

/** The settings of the server that durability rests on, and its version, by name. */
export async function readSettings(client: Pool | ClientBase): Promise<Record<string, string>> {
  const names = [...Object.keys(required), 'server_version', 'synchronous_standby_names']
  const found = await client.query<{ name: string; setting: string }>(
    'SELECT name, setting FROM pg_settings WHERE name = ANY ($1) ORDER BY name',
    [names],
  )
  return Object.fromEntries(found.rows.map(({ name, setting }) => [name, setting]))
}

/**
 * Reads back what durability rests on. A setting that the server does not know, being another engine behind PostgreSQL's
 * protocol, is that engine's own affair. Throws SettingsError.
 * Source: https://www.postgresql.org/docs/current/wal-reliability.html
 */
export async function demandSettings(client: ClientBase): Promise<void> {
  const settings = await readSettings(client)
  for (const [name, accepted] of Object.entries(required)) {
    const actual = settings[name]
    if (actual === undefined || accepted.includes(actual)) continue
    throw new SettingsError(`the server has ${name} = ${actual}, with which answered commits can be lost`)
  }
}
