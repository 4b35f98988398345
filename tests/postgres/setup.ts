import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openPostgres } from '../../core/store/postgres/open-postgres.ts'
import { setup as buildForTests } from '../support/build-pages.ts'
import { at, onServer, templateName } from '../support/database.ts'
import { startPostgres } from '../support/postgres-cluster.ts'

/** A server for the run, by a user who may make databases and roles, and one migrated database to copy. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const forgetBuild = await buildForTests(project)
  const cluster = await startPostgres()
  const url = await cluster.createDatabase()
  const { username } = new URL(url)
  await onServer(cluster.url, async (client) => {
    await client.query(`ALTER ROLE ${username} CREATEDB`)
    await client.query(`CREATE DATABASE ${templateName} OWNER ${username}`)
  })
  const folder = await mkdtemp(join(tmpdir(), 'oort-template-'))
  const store = await openPostgres(at(url, templateName), folder)
  await store.close()
  process.env['OORT_TESTS_POSTGRES'] = url
  return async () => {
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
    await forgetBuild()
  }
}
