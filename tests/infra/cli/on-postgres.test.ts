import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enrolAccount } from '../../../core/accounts/enrol-account.ts'
import { onServer } from '../../support/database.ts'
import { type PostgresCluster, postgresPrograms, startPostgres } from '../../support/postgres-cluster.ts'
import { strongSecrets } from '../../support/process.ts'
import { openHouse } from '../../support/small-house.ts'
import { oort, oortJson } from './lab.ts'

interface Report {
  readonly healthy: boolean
  readonly checks: readonly { readonly name: string; readonly state: string; readonly detail: string }[]
}

describe.skipIf(postgresPrograms === undefined)('the command line where PostgreSQL keeps the records', () => {
  let cluster: PostgresCluster
  let folder: string
  let env: Readonly<Record<string, string>>

  beforeAll(async () => {
    cluster = await startPostgres()
    folder = await mkdtemp(join(tmpdir(), 'oort-cli-postgres-'))
    const DATABASE_URL = await cluster.createDatabase()
    env = { NODE_ENV: 'test', ...strongSecrets(), OORT_DATA_DIR: folder, DATABASE_URL }
    const house = await openHouse({ dataDir: folder, env })
    await enrolAccount(
      house.platform,
      { email: 'ada@example.com', passwordHash: 'none', emailVerifiedAt: null },
      'req_test',
    )
    await house.close()
  }, 60_000)

  afterAll(async () => {
    await cluster?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const url = () => env['DATABASE_URL'] ?? ''
  const examine = async () => {
    const { stdout } = await oort(env, 'doctor', '--json')
    const { checks } = JSON.parse(stdout) as Report
    return Object.fromEntries(checks.map(({ name, state, detail }) => [name, [state, detail]]))
  }

  test('the doctor finds a sound house well, and says where it is without its password', async () => {
    const found = await examine()
    expect(Object.values(found).filter(([state]) => state !== 'good')).toEqual([])
    expect(found['database']?.[1]).toContain(new URL(url()).pathname)
    expect(JSON.stringify(found)).not.toContain(new URL(url()).password)
  })

  test('the doctor finds that functions may do what they must not', async () => {
    await onServer(url(), (owner) => owner.query('GRANT DELETE ON audit_events TO oort_functions'))
    try {
      expect((await examine())['integrity']).toEqual(['bad', expect.stringContaining('DELETE on audit_events')])
    } finally {
      await onServer(url(), (owner) => owner.query('REVOKE DELETE ON audit_events FROM oort_functions'))
    }
  })

  test.each([
    ['an administrator is made', ['admin', 'grant', 'ada@example.com'], /ada@example.com|administrator/],
    ['the log is verified', ['audit', 'verify'], /INTACT/],
    ['the master key is told of', ['keys', 'status'], /1/],
  ])('%s as with SQLite', async (_what, args, answer) => {
    const { exitCode, stdout, stderr } = await oort(env, ...args)
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(answer)
  })

  test('a rotation re-seals every value', async () => {
    const before = env['BYOK_MASTER_KEY'] ?? ''
    const rotated = { ...env, ...strongSecrets(), BYOK_MASTER_KEY_PREVIOUS: before }
    const { stdout, exitCode } = await oort(rotated, 'keys', 'rekey', '--json')
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, {}])
    env = { ...rotated, BYOK_MASTER_KEY_PREVIOUS: '' }
    expect((await examine())['rotation']?.[0]).toBe('good')
  })

  test.each([['compact'], ['backup'], ['restore', '--rehearse']])(
    '%s says that PostgreSQL does it',
    async (...args) => {
      const target = {
        OORT_BACKUP_TARGET: `file://${join(folder, 'backups')}`,
        OORT_BACKUP_KEY: strongSecrets().SESSION_SECRET,
      }
      const { exitCode, stderr } = await oort({ ...env, ...target }, ...args)
      expect([exitCode, stderr]).toEqual([78, expect.stringContaining('DATABASE_URL')])
    },
  )

  test.each([
    ['nobody listens', (at: URL) => Object.assign(at, { port: '1' }), 'nobody listens there'],
    ['the password is wrong', (at: URL) => Object.assign(at, { password: 'wrong' }), 'the password is not'],
    ['the database is missing', (at: URL) => Object.assign(at, { pathname: '/nowhere' }), 'no database of that name'],
  ])('where %s it is said in one line, without the password', async (_what, change, reason) => {
    const DATABASE_URL = change(new URL(url())).href
    const { exitCode, stderr } = await oort({ ...env, DATABASE_URL }, 'audit', 'verify')
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(reason)])
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).not.toContain(new URL(url()).password)
  })

  test('a start on a server that may lose what it answered is refused', async () => {
    await onServer(url(), (owner) =>
      owner.query(`ALTER DATABASE ${new URL(url()).pathname.slice(1)} SET synchronous_commit = off`),
    )
    const { exitCode, stderr } = await oort(env, 'audit', 'verify')
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('synchronous_commit')])
  })

  test('production asks how the connection is protected', async () => {
    const { exitCode, stderr } = await oort({ ...env, NODE_ENV: 'production' }, 'audit', 'verify')
    expect([exitCode, stderr]).toEqual([78, expect.stringContaining('sslmode=verify-full')])
    await expect(oortJson({ ...env, NODE_ENV: 'production' }, 'audit', 'verify')).rejects.toThrow('sslmode')
  })
})
