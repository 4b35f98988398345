import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  generateDrizzleJson,
  generateMigration,
  generateSQLiteDrizzleJson,
  generateSQLiteMigration,
} from 'drizzle-kit/api'
import { expect, test } from 'vitest'
import * as postgres from '../../../core/store/postgres/tables.ts'
import * as sqlite from '../../../core/store/schema.ts'
import { root } from '../../support/source-graph.ts'

/** The schema as the newest migration left it. */
async function newestSnapshot<Snapshot>(engine: string): Promise<Snapshot> {
  const folder = join(root, 'core/store/migrations', engine, 'meta')
  const names = (await readdir(folder)).filter((name) => name.endsWith('_snapshot.json')).sort()
  return JSON.parse(await readFile(join(folder, names.at(-1) ?? ''), 'utf8')) as Snapshot
}

test('every change of the schema has its migration for SQLite', async () => {
  const described = await generateSQLiteDrizzleJson({ ...sqlite }, undefined, 'snake_case')
  expect(await generateSQLiteMigration(await newestSnapshot('sqlite'), described)).toEqual([])
})

test('every change of the schema has its migration for PostgreSQL', async () => {
  const described = generateDrizzleJson({ ...postgres }, undefined, undefined, 'snake_case')
  expect(await generateMigration(await newestSnapshot('postgres'), described)).toEqual([])
})
