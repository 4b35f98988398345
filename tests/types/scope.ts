/**
 * What must not compile, for `npm run typecheck`: each @ts-expect-error below is itself an error once its line compiles.
 * Nothing here runs.
 */
import type { ApiKeyId, ProviderKeyId, RunId, UserId } from '../../core/ids.ts'
import type { AdminScope } from '../../core/scope/admin-scope.ts'
import type { UserScope, UserTransaction } from '../../core/scope/user-scope.ts'
import {
  apiKeys,
  auditEvents,
  idempotencyKeys,
  instances,
  keyVersions,
  providerKeys,
  runs,
  runTerms,
  users,
} from '../../core/store/schema.ts'

declare const scope: UserScope
declare const tx: UserTransaction
declare const admin: AdminScope
declare const keyId: ProviderKeyId
declare const apiKeyId: ApiKeyId
declare const runId: RunId
declare const userId: UserId

const key = {
  provider: 'openai',
  label: 'work',
  lastFour: 'abcd',
  fingerprint: 'f',
  secret: 's',
  updatedAt: 0,
} as const

export async function everyWriteNamesAnEventOfItsTable(): Promise<void> {
  await tx.insert(providerKeys, key, { type: 'key.added', provider: 'openai' })
  await tx.update(providerKeys, keyId, { label: 'spare' }, { type: 'key.relabelled' })
  await tx.delete(providerKeys, keyId, { type: 'key.deleted' })
  await tx.unseal(providerKeys, keyId, 'secret', { type: 'key.used', purpose: 'models' })
  await tx.updateProfile({ endSessions: true }, { type: 'user.signed_out_everywhere' })

  // @ts-expect-error an insert without an event
  await tx.insert(providerKeys, key)
  // @ts-expect-error an update without an event
  await tx.update(providerKeys, keyId, { label: 'spare' })
  // @ts-expect-error a deletion without an event
  await tx.delete(providerKeys, keyId)
  // @ts-expect-error an opened secret without an event
  await tx.unseal(providerKeys, keyId, 'secret')
  // @ts-expect-error a change of the account without an event
  await tx.updateProfile({ endSessions: true })

  // @ts-expect-error an event of another table
  await tx.insert(providerKeys, key, { type: 'api_key.revoked' })
  // @ts-expect-error an event of another table
  await tx.update(providerKeys, keyId, { label: 'spare' }, { type: 'run.deleted' })
  // @ts-expect-error an event of another table
  await tx.delete(providerKeys, keyId, { type: 'user.deleted', rows: 1 })
  // @ts-expect-error an event of another table
  await tx.unseal(providerKeys, keyId, 'secret', { type: 'second_factor.opened' })
  // @ts-expect-error an event of another table
  await tx.updateProfile({ endSessions: true }, { type: 'key.deleted' })
  // @ts-expect-error an event that is in no list
  await tx.delete(providerKeys, keyId, { type: 'key.lost' })
  // @ts-expect-error an event without its members
  await tx.insert(providerKeys, key, { type: 'key.added' })
  // @ts-expect-error an event with a value beside its members
  await tx.delete(providerKeys, keyId, { type: 'key.deleted', secret: 'sk-' })
}

export async function writesExistInATransactionAlone(): Promise<void> {
  // @ts-expect-error
  await scope.insert(providerKeys, key, { type: 'key.added', provider: 'openai' })
  // @ts-expect-error
  await scope.update(providerKeys, keyId, { label: 'spare' }, { type: 'key.relabelled' })
  // @ts-expect-error
  await scope.delete(providerKeys, keyId, { type: 'key.deleted' })
  // @ts-expect-error
  await scope.unseal(providerKeys, keyId, 'secret', { type: 'key.used', purpose: 'models' })

  await scope.touch(apiKeys, apiKeyId, { lastUsedAt: 0 })
  // @ts-expect-error a touch is for times of last use
  await scope.touch(apiKeys, apiKeyId, { expiresAt: 0 })
  const wider = { lastUsedAt: 0, name: 'renamed', userId }
  // @ts-expect-error nor for what a wider object brings along
  await scope.touch(apiKeys, apiKeyId, wider)
  // @ts-expect-error and not for tables that have none
  await scope.touch(providerKeys, keyId, { label: 'spare' })
}

export async function onlyTablesOfAUserAreReached(): Promise<void> {
  // @ts-expect-error
  await scope.find(users, userId)
  // @ts-expect-error
  await scope.list(users, { limit: 1 })
  // @ts-expect-error
  await scope.count(users)
  // @ts-expect-error
  await tx.insert(users, {}, { type: 'user.signed_up' })
  // @ts-expect-error
  await scope.find(auditEvents, userId)
  // @ts-expect-error
  await scope.list(auditEvents, { limit: 1 })
  // @ts-expect-error
  await tx.insert(auditEvents, {}, { type: 'user.signed_up' })
  // @ts-expect-error
  await tx.delete(auditEvents, userId, { type: 'user.deleted', rows: 1 })
  // @ts-expect-error
  await scope.find(keyVersions, 1)
  // @ts-expect-error
  await scope.list(keyVersions, { limit: 1 })
  // @ts-expect-error
  await tx.insert(keyVersions, {}, { type: 'user.signed_up' })
  // @ts-expect-error
  await scope.find(instances, 'ins_1')
  // @ts-expect-error
  await scope.list(instances, { limit: 1 })
  // @ts-expect-error
  await tx.insert(instances, {}, { type: 'user.signed_up' })
  // @ts-expect-error an index, which core keeps itself
  await scope.list(runTerms, { limit: 1 })
  // @ts-expect-error answers of others, sealed or not
  await scope.list(idempotencyKeys, { limit: 1 })
}

export async function nobodyNamesAnOwner(): Promise<void> {
  // @ts-expect-error
  await tx.insert(providerKeys, { ...key, userId }, { type: 'key.added', provider: 'openai' })
  // @ts-expect-error
  await tx.insert(providerKeys, { ...key, id: keyId }, { type: 'key.added', provider: 'openai' })
  // @ts-expect-error
  await tx.insert(providerKeys, { ...key, createdAt: 0 }, { type: 'key.added', provider: 'openai' })
  // @ts-expect-error
  await tx.update(providerKeys, keyId, { userId }, { type: 'key.relabelled' })
  // @ts-expect-error
  await tx.update(providerKeys, keyId, { id: keyId }, { type: 'key.relabelled' })
  // @ts-expect-error
  await tx.update(providerKeys, keyId, { createdAt: 0 }, { type: 'key.relabelled' })
  const wider = { label: 'spare', userId }
  // @ts-expect-error a key stays with its provider
  await tx.update(providerKeys, keyId, { provider: 'cerebras' }, { type: 'key.replaced' })
  // @ts-expect-error nor by way of a wider object
  await tx.update(providerKeys, keyId, wider, { type: 'key.relabelled' })
  // @ts-expect-error a sealed value is given as text, never as its columns
  await tx.update(providerKeys, keyId, { secretCiphertext: Buffer.alloc(1) }, { type: 'key.replaced' })
}

export async function secretsAreOpenedWithAnEventOnly(): Promise<void> {
  await scope.find(runs, runId, ['prompt'])
  // @ts-expect-error
  await scope.find(providerKeys, keyId, ['secret'])
  // @ts-expect-error
  await scope.list(providerKeys, { limit: 1, open: ['secret'] })
  // @ts-expect-error
  await tx.find(providerKeys, keyId, ['secret'])
  const row = await scope.find(providerKeys, keyId)
  // @ts-expect-error
  row.secret
  // @ts-expect-error
  row.secretCiphertext
  // @ts-expect-error
  row.secretIv
  const issued = await scope.find(apiKeys, apiKeyId)
  // @ts-expect-error
  issued.hash
  // @ts-expect-error nothing is found by its sealed bytes
  await scope.list(providerKeys, { limit: 1, where: { secretCiphertext: Buffer.alloc(1) } })
  // @ts-expect-error nor by a hash
  await scope.list(apiKeys, { limit: 1, where: { hash: Buffer.alloc(1) } })
}

export async function anAdministratorOpensNothing(): Promise<void> {
  await admin.account(userId)
  // @ts-expect-error
  await admin.find(runs, runId)
  // @ts-expect-error
  await admin.list(runs, { limit: 1 })
  // @ts-expect-error
  await admin.find(providerKeys, keyId)
  // @ts-expect-error
  await admin.unseal(providerKeys, keyId, 'secret', { type: 'key.used', purpose: 'models' })
  // @ts-expect-error
  await admin.write(async () => {})
  // @ts-expect-error not even the address
  ;(await admin.account(userId)).email
  // @ts-expect-error nor those of a page
  ;(await admin.accounts({ limit: 1 }))[0]?.email
  // @ts-expect-error
  await admin.profile()
  // @ts-expect-error
  await admin.passwordHash()
  // @ts-expect-error
  await admin.find(runs, runId, ['prompt', 'output'])
  // @ts-expect-error
  await admin.eraseAccount()
  // @ts-expect-error an act without a reason
  await admin.suspend(userId)
  // @ts-expect-error
  await admin.endSessions(userId)
  // @ts-expect-error
  await admin.setRole(userId, 'admin')
  // @ts-expect-error a role that there is none of
  await admin.setRole(userId, 'owner', 'staffing')
  // @ts-expect-error free text could name a person
  await admin.suspend(userId, 'because of Jo')
}

export async function anIdIsOfOneKind(): Promise<void> {
  // @ts-expect-error
  await scope.find(providerKeys, runId)
  // @ts-expect-error
  await scope.find(runs, keyId)
  // @ts-expect-error
  await tx.delete(providerKeys, apiKeyId, { type: 'key.deleted' })
  // @ts-expect-error
  await scope.find(providerKeys, 'key_1')
  // @ts-expect-error
  await scope.list(providerKeys, { limit: 1, before: runId })
  // @ts-expect-error
  await admin.account(keyId)
}
