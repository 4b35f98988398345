import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { day } from '../../../core/clock.ts'
import { parseConfig } from '../../../core/config.ts'
import { backupsOf } from '../../../infra/backup/backup-settings.ts'
import { makeBackup } from '../../../infra/backup/make-backup.ts'
import { openVault } from '../../../infra/backup/vault.ts'
import { shipped } from '../../support/built.ts'
import { type Environment, start, strongSecrets } from '../../support/process.ts'
import { openHouse } from '../../support/small-house.ts'

let root: string
let env: Environment

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'oort-backup-cli-'))
  env = {
    NODE_ENV: 'test',
    ...strongSecrets(),
    OORT_DATA_DIR: join(root, 'data'),
    OORT_BACKUP_KEY: strongSecrets().SESSION_SECRET,
    OORT_BACKUP_TARGET: pathToFileURL(join(root, 'backups')).href,
  }
  const house = await openHouse({ dataDir: join(root, 'data'), env })
  const user = await house.user()
  await house.user()
  await user.write((tx) => tx.eraseAccount())
  await house.close()
})

afterAll(() => rm(root, { recursive: true, force: true }))

const program = await shipped('infra/cli/oort.ts')
const oort = (args: readonly string[], more: Environment = {}) => start(program, args, { ...env, ...more }).ended

vi.setConfig({ testTimeout: 120_000 })

test('R5 a backup, its list and the rehearsal of its restore are one command each, with figures', async () => {
  const before = await Promise.all([oort(['backup', 'list', '--within', '1h']), oort(['restore', '--rehearse'])])
  expect(before).toMatchObject([
    { exitCode: 1, stdout: 'There is no backup yet.\n' },
    { exitCode: 1, stderr: 'there is no backup yet\n' },
  ])

  const made = await oort(['backup', '--json'])
  expect([made.exitCode, made.stderr]).toEqual([0, ''])
  const { id } = (JSON.parse(made.stdout) as { manifest: { id: string } }).manifest
  const [listed, rehearsed, restored] = await Promise.all([
    oort(['backup', 'list', '--within', '1h']),
    oort(['restore', '--rehearse']),
    oort(['restore', '--backup', id, '--into', join(root, 'restored'), '--json']),
  ])
  expect(listed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(id) })
  expect([rehearsed.exitCode, rehearsed.stderr]).toEqual([0, ''])
  const figures = [
    /^REHEARSED +\d{8}T/m,
    /^Recovery point +\d/m,
    /^Recovery time +\d/m,
    /^Rows +\d/m,
    /^Audit log +intact/m,
  ]
  for (const figure of figures) expect(rehearsed.stdout).toMatch(figure)
  expect(JSON.parse(restored.stdout)).toMatchObject({ manifest: { id }, rows: { users: 1 }, chain: { intact: true } })
  expect(existsSync(join(root, 'restored', 'oort.db'))).toBe(true)
  const ageing = async () => (await oort(['backup', 'list', '--within', '1s'])).exitCode
  await expect.poll(ageing, { message: 'a backup of a second ago is no recent one' }).toBe(1)
})

test('R5 a backup of a clock that ran ahead counts neither as recent nor as the newest', async () => {
  const apart = { OORT_BACKUP_TARGET: pathToFileURL(join(root, 'ahead')).href }
  const config = parseConfig({ ...env, ...apart })
  const vault = await openVault(backupsOf(config))
  const clock = () => Date.now() + 90 * day
  const { manifest } = await makeBackup(vault, { dataDir: config.dataDir, keepDays: 30 }, clock)
  vault.target.close()
  const within = ['backup', 'list', '--within', '1h']
  expect(await Promise.all([oort(within, apart), oort(['restore', '--rehearse'], apart)])).toMatchObject([
    { exitCode: 1, stdout: expect.stringMatching(/ \d+ d .*ahead of this clock/) },
    { exitCode: 1, stderr: expect.stringContaining('every backup is ahead of this clock') },
  ])
  expect((await oort(['backup'], apart)).exitCode).toBe(0)
  expect(await Promise.all([oort(within, apart), oort(['restore', '--rehearse'], apart)])).toMatchObject([
    { exitCode: 0 },
    { exitCode: 0, stdout: expect.stringMatching(new RegExp(`^Passed over +${manifest.id}`, 'm')) },
  ])
})

test('each fault has an exit code and one line that says why', async () => {
  const faults: readonly (readonly [args: readonly string[], env: Environment, exitCode: number, says: string])[] = [
    [['restore'], {}, 1, 'has a database already'],
    [['restore', '--rehearse', '--backup', 'none'], {}, 1, 'there is no backup none'],
    [['restore', '--rehearse'], { OORT_BACKUP_KEY: strongSecrets().SESSION_SECRET }, 1, 'another OORT_BACKUP_KEY'],
    [['restore', '--rehearse'], strongSecrets(), 78, 'BYOK_MASTER_KEY'],
    [['backup'], { OORT_BACKUP_TARGET: undefined }, 78, 'OORT_BACKUP_TARGET'],
    [['backup', '--every', 'now and then'], {}, 64, 'Use a duration'],
  ]
  const ends = await Promise.all(faults.map(([args, more]) => oort(args, more)))
  expect(ends.map(({ exitCode }) => exitCode)).toEqual(faults.map(([, , exitCode]) => exitCode))
  expect(ends.map(({ stderr }) => stderr)).toEqual(faults.map(([, , , says]) => expect.stringContaining(says)))
})

test('backups on a schedule: one at once, its outcome in the health file, and an orderly end at SIGTERM', async () => {
  const file = join(root, 'data', 'backup-health.json')
  const { child, ended } = start(program, ['backup', '--every', '6h'], env)
  await expect.poll(() => existsSync(file), { timeout: 15_000 }).toBe(true)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ ok: true, backup: expect.stringMatching(/^\d{8}T/) })
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({
    exitCode: 0,
    stderr: '',
    stdout: expect.stringMatching(/ made\n(.*\n)*Ended\.\n$/),
  })

  const failing = start(program, ['backup', '--every', '6h'], {
    ...env,
    OORT_DATA_DIR: join(root, 'nothing'),
  })
  const none = join(root, 'nothing', 'backup-health.json')
  await expect.poll(() => existsSync(none), { timeout: 15_000 }).toBe(true)
  expect(JSON.parse(readFileSync(none, 'utf8'))).toMatchObject({ ok: false, backup: null })
  failing.child.kill('SIGTERM')
  expect(await failing.ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('backup failed') })
})
