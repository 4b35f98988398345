import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId, type ProviderKeyId } from '../../../core/ids.ts'
import { insideOf } from '../../../core/platform.ts'
import { createAdminScope } from '../../../core/scope/admin-scope.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { providerKeys, runs, users } from '../../../core/store/schema.ts'
import { openHouse, type SmallHouse } from '../../support/small-house.ts'

let house: SmallHouse
let owner: UserScope

beforeAll(async () => {
  house = await openHouse()
  owner = await house.user()
})

afterAll(() => house.close())

const facts = { provider: 'openai', label: 'mine', lastFour: 'wner', fingerprint: 'f', updatedAt: 0 } as const
const added = { type: 'key.added', provider: 'openai' } as const
const deleted = { type: 'key.deleted' } as const
const addKey = () => owner.write((tx) => tx.insert(providerKeys, { ...facts, secret: 'sk-1' }, added))
const countKeys = () => owner.count(providerKeys)
const countEvents = async () => (await owner.audit({ limit: 1_000 })).length

describe('an id that is none', () => {
  // As it would come from a parameter that a route forgot to declare.
  const none: ProviderKeyId[] = [undefined, null, '', ['key_1']].map((value) => value as unknown as ProviderKeyId)

  test('reaches no row, instead of all rows of the owner', async () => {
    await addKey()
    await addKey()
    const before = await owner.list(providerKeys, { limit: 10, open: [] })
    for (const id of none) {
      await expect(owner.find(providerKeys, id)).rejects.toThrow(TypeError)
      await expect(owner.write((tx) => tx.delete(providerKeys, id, deleted))).rejects.toThrow(TypeError)
      const relabel = owner.write((tx) => tx.update(providerKeys, id, { label: 'x' }, { type: 'key.relabelled' }))
      await expect(relabel).rejects.toThrow(TypeError)
      const unseal = owner.write((tx) => tx.unseal(providerKeys, id, 'secret', { type: 'key.used', purpose: 'models' }))
      await expect(unseal).rejects.toThrow(TypeError)
    }
    await expect(owner.list(providerKeys, { limit: 10, open: [] })).resolves.toEqual(before)
  })

  test('nor does a condition that is undefined', async () => {
    const where = { label: undefined } as unknown as { label: string }
    await expect(owner.count(providerKeys, where)).rejects.toThrow(TypeError)
    await expect(owner.list(providerKeys, { where, limit: 1 })).rejects.toThrow(TypeError)
  })
})

describe('Z3 what a row is by its place is not to be written', () => {
  const forbidden = ['id', 'userId', 'createdAt', 'secretIv', 'secretCiphertext', 'secretKeyVersion', 'no_such_column']

  test.each(forbidden)('%s', async (name) => {
    const { id } = await addKey()
    const before = await owner.find(providerKeys, id)
    const smuggled = { [name]: newId('user') }
    const patch = owner.write((tx) => tx.update(providerKeys, id, smuggled, { type: 'key.relabelled' }))
    await expect(patch).rejects.toThrow(TypeError)
    const row = { ...facts, secret: 'sk-2', ...smuggled }
    await expect(owner.write((tx) => tx.insert(providerKeys, row, added))).rejects.toThrow(TypeError)
    await expect(owner.find(providerKeys, id)).resolves.toEqual(before)
  })

  test('nor text to be sealed that is no text', async () => {
    const row = { ...facts, secret: 7 as unknown as string }
    await expect(owner.write((tx) => tx.insert(providerKeys, row, added))).rejects.toThrow(TypeError)
  })

  test('nor the provider that its secret is bound to', async () => {
    const { id } = await addKey()
    const patch = { provider: 'anthropic' } as object
    const change = owner.write((tx) => tx.update(providerKeys, id, patch, { type: 'key.relabelled' }))
    await expect(change).rejects.toThrow(TypeError)
  })
})

test('a new row is answered as it then stands in the database, what nobody named included', async () => {
  const given = { providerKeyId: newId('providerKey'), endpoint: 'runs', provider: 'openai', model: 'm' } as const
  const rest = { state: 'streaming', instanceId: newId('instance'), prompt: 'p' } as const
  const event = { type: 'run.started', providerKeyId: given.providerKeyId } as const
  const run = await owner.write((tx) => tx.insert(runs, { ...given, ...rest }, event))
  await expect(owner.find(runs, run.id)).resolves.toEqual(run)
  expect(run).toMatchObject({ ...given, usageEstimated: false, outputTokens: null })
})

describe('a change of a row that has to be as it was', () => {
  /** Gives a key a new label, if its label is the one that is given here. */
  const relabel = (id: ProviderKeyId, label: string) =>
    owner.write((tx) => tx.updateWhile(providerKeys, id, { label }, { label: 'new' }, { type: 'key.relabelled' }))

  test('happens, with its event, where it still is', async () => {
    const { id } = await addKey()
    const before = await countEvents()
    await expect(relabel(id, 'mine')).resolves.toBe(true)
    await expect(owner.find(providerKeys, id)).resolves.toMatchObject({ label: 'new' })
    await expect(countEvents()).resolves.toBe(before + 1)
  })

  test('leaves nothing, no event either, where it no longer is', async () => {
    const { id } = await addKey()
    const before = await countEvents()
    await expect(relabel(id, 'other')).resolves.toBe(false)
    await expect(owner.find(providerKeys, id)).resolves.toMatchObject({ label: 'mine' })
    await expect(countEvents()).resolves.toBe(before)
  })

  test('seals under the provider that the row has to have, and under no other', async () => {
    const { id } = await addKey()
    const seal = (where: object) =>
      owner.write((tx) => tx.updateWhile(providerKeys, id, where, { secret: 'sk-2' }, { type: 'key.replaced' }))
    await expect(seal({})).rejects.toThrow(TypeError)
    await expect(seal({ provider: 'anthropic' })).resolves.toBe(false)
    await expect(seal({ provider: 'openai' })).resolves.toBe(true)
    const use = { type: 'key.used', purpose: 'models' } as const
    await expect(owner.write((tx) => tx.unseal(providerKeys, id, 'secret', use))).resolves.toBe('sk-2')
  })
})

test('an optional sealed value is emptied by null, and left alone by an update that does not name it', async () => {
  const keyId = newId('providerKey')
  const row = { providerKeyId: keyId, endpoint: 'runs', provider: 'openai', model: 'm', state: 'streaming' } as const
  const { id } = await owner.write((tx) =>
    tx.insert(
      runs,
      { ...row, instanceId: newId('instance'), prompt: 'p', excerpt: 'p', output: 'o' },
      { type: 'run.started', providerKeyId: keyId },
    ),
  )
  const finish = { type: 'run.finished', state: 'failed' } as const
  await owner.write((tx) => tx.update(runs, id, { state: 'failed' }, finish))
  await expect(owner.find(runs, id, ['output'])).resolves.toMatchObject({ output: 'o' })
  await owner.write((tx) => tx.update(runs, id, { output: null }, finish))
  await expect(owner.find(runs, id, ['prompt', 'output'])).resolves.toMatchObject({ prompt: 'p', output: null })
})

describe('a unit of work', () => {
  test('that does not wait for a change is undone, so that none stands without its event', async () => {
    const { id } = await addKey()
    const [keys, events] = [await countKeys(), await countEvents()]
    const careless = owner.write(async (tx) => {
      void tx.delete(providerKeys, id, deleted)
    })
    const neighbour = owner.write((tx) => tx.record({ type: 'user.signed_out_everywhere' }))
    await expect(careless).rejects.toThrow(TypeError)
    await neighbour
    expect([await countKeys(), await countEvents()]).toEqual([keys, events + 1])
  })

  test('whose first change fails takes its others along, even those still under way', async () => {
    const { id } = await addKey()
    const [keys, events] = [await countKeys(), await countEvents()]
    const missing = newId('providerKey')
    const unit = owner.write((tx) =>
      Promise.all([tx.delete(providerKeys, missing, deleted), tx.delete(providerKeys, id, deleted)]),
    )
    const neighbour = owner.write((tx) => tx.record({ type: 'user.signed_out_everywhere' }))
    await expect(unit).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await neighbour
    expect([await countKeys(), await countEvents()]).toEqual([keys, events + 1])
  })

  test('that has ended accepts no further change', async () => {
    const { id } = await addKey()
    const late = await owner.write(async (tx) => () => tx.delete(providerKeys, id, deleted))
    expect(late).toThrow(TypeError)
    await expect(owner.find(providerKeys, id)).resolves.toMatchObject({ id })
  })
})

describe('administrators', () => {
  async function admins(count: number) {
    const { store } = insideOf(house.platform)
    await store.write(async (db) => db.update(users).set({ role: 'user' }))
    const scopes = await Promise.all(Array.from({ length: count }, () => house.user()))
    await Promise.all(
      scopes.map((scope) =>
        scope.write((tx) =>
          tx.updateProfile({ role: 'admin' }, { type: 'user.role_changed', role: 'admin', reason: 'test' }),
        ),
      ),
    )
    return Promise.all(scopes.map(({ userId }) => createAdminScope(insideOf(house.platform), userId, 'req_test')))
  }

  test('Z2 who was demoted a moment ago demotes nobody, though the role was read before', async () => {
    const [first, second, third] = await admins(3)
    if (first === undefined || second === undefined || third === undefined) throw new Error('unreachable')
    await first.setRole(second.adminId, 'user', 'test')
    await expect(second.setRole(third.adminId, 'user', 'test')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(third.account(third.adminId)).resolves.toMatchObject({ role: 'admin' })
  })

  test('Z2 of two who demote each other at once, whoever comes second is an administrator no more', async () => {
    const [first, second] = await admins(3)
    if (first === undefined || second === undefined) throw new Error('unreachable')
    const outcomes = await Promise.allSettled([
      first.setRole(second.adminId, 'user', 'test'),
      second.setRole(first.adminId, 'user', 'test'),
    ])
    const refusals = outcomes.filter(({ status }) => status === 'rejected')
    expect(refusals).toMatchObject([{ reason: { code: 'FORBIDDEN' } }])
  })

  test('the last active one is neither demoted nor suspended, and a suspended one does not count', async () => {
    const [first, second] = await admins(2)
    if (first === undefined || second === undefined) throw new Error('unreachable')
    await first.suspend(second.adminId, 'test')
    await expect(first.setRole(first.adminId, 'user', 'test')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(first.suspend(first.adminId, 'test')).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(first.account(first.adminId)).resolves.toMatchObject({ role: 'admin', status: 'active' })
  })
})
