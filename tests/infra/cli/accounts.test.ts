import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../../core/ids.ts'
import { closedHouse, oort, oortJson } from './lab.ts'

let dataDir: string
let env: Readonly<Record<string, string>>
let ids: ReadonlyMap<string, UserId>
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'oort-cli-'))
  ;({ env, ids } = await closedHouse(dataDir, ['ada', 'ben']))
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

const shown = (account: string) => oortJson<Record<string, unknown>>(env, 'user', 'show', account)

async function chainOf(account: string) {
  const { stdout } = await oort(env, 'audit', 'export', account)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('administrators', { timeout: 120_000 }, () => {
  test('are made and unmade by address or id, and the last active one stays', async () => {
    expect((await oort(env, 'admin', 'grant', ' Ada@Example.com')).exitCode).toBe(0)
    expect(await shown('ada@example.com')).toMatchObject({ id: ids.get('ada'), role: 'admin' })
    for (const attempt of [
      ['admin', 'revoke', 'ada@example.com'],
      ['user', 'suspend', 'ada@example.com', '--reason', 'security'],
    ]) {
      const refused = await oort(env, ...attempt)
      expect([refused.exitCode, refused.stderr]).toEqual([1, 'This is the last administrator.\n'])
    }
    expect((await oort(env, 'admin', 'grant', ids.get('ben') ?? '')).exitCode).toBe(0)
    expect((await oort(env, 'admin', 'revoke', 'ada@example.com', '--reason', 'mistake')).exitCode).toBe(0)
    expect(await shown('ada@example.com')).toMatchObject({ role: 'user', status: 'active' })
  })

  test('in the audit chain of the account it is the console that did it', async () => {
    const changes = (await chainOf('ada@example.com')).filter(({ action }) => action === 'user.role_changed')
    expect(changes).toMatchObject([
      { actorKind: 'system', actorId: 'console', detail: { role: 'admin', reason: 'staffing' } },
      { actorKind: 'system', actorId: 'console', detail: { role: 'user', reason: 'mistake' } },
    ])
  })
})

describe('accounts', { timeout: 120_000 }, () => {
  test('are suspended and let in again for a reason of the set, and asking twice changes nothing', async () => {
    expect((await oort(env, 'user', 'suspend', 'ada@example.com')).exitCode).toBe(64)
    expect((await oort(env, 'user', 'suspend', 'ada@example.com', '--reason', 'spite')).exitCode).toBe(64)
    const suspend = ['user', 'suspend', 'ada@example.com', '--reason', 'abuse'] as const
    expect(await oortJson(env, ...suspend)).toMatchObject({ status: 'suspended' })
    expect(await oort(env, ...suspend)).toMatchObject({ exitCode: 1, stderr: 'The account is "suspended" already.\n' })
    expect(await oortJson(env, 'user', 'unsuspend', 'ada@example.com', '--reason', 'mistake')).toMatchObject({
      status: 'active',
    })
    const actions = (await chainOf(ids.get('ada') ?? '')).map(({ action }) => action)
    expect(actions.slice(-2)).toEqual(['user.suspended', 'user.unsuspended'])
  })

  test('are shown without an address', async () => {
    const { stdout } = await oort(env, 'user', 'show', 'ada@example.com')
    expect(stdout).toContain(ids.get('ada'))
    expect(stdout).not.toContain('example.com')
  })

  test('that do not exist are told so, and what is no account is wrong usage', async () => {
    const missing = await oort(env, 'user', 'show', 'nobody@example.com')
    expect(missing).toMatchObject({ exitCode: 1, stdout: '', stderr: 'There is no such record\n' })
    expect((await oort(env, 'user', 'show', 'nobody')).exitCode).toBe(64)
    expect((await oort(env, 'audit', 'export', 'nobody')).exitCode).toBe(1)
  })
})
