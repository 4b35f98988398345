import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { emailIndexPurpose } from '../../core/accounts/email-address.ts'
import { issueToken } from '../../core/crypto/tokens.ts'
import { type ApiKeyId, type Id, newId, type ProviderKeyId, type UserId } from '../../core/ids.ts'
import { insideOf, type Platform } from '../../core/platform.ts'
import type { Provider } from '../../core/providers/provider.ts'
import { createUserScope, type UserScope } from '../../core/scope/user-scope.ts'
import { type TokenScope, tokenScopes } from '../../core/session/token-scopes.ts'
import { apiKeys, passkeys, providerKeys, users } from '../../core/store/schema.ts'
import { demoKeys } from './emulator/keys.ts'

/** The scope of a user, as if the user had just signed in. */
export function scopeOf(platform: Platform, userId: UserId): UserScope {
  return createUserScope(insideOf(platform), userId, { kind: 'user', id: userId, requestId: newId('request') })
}

export async function userByEmail(platform: Platform, email: string): Promise<UserId> {
  const { store, keyring } = insideOf(platform)
  const index = keyring.blindIndex(emailIndexPurpose, email)
  const [row] = await store.read.select({ id: users.id }).from(users).where(eq(users.emailIndex, index))
  if (row === undefined) throw new Error('no such user')
  return row.id
}

/** Stores a provider key without asking the provider about it. */
export async function seedKey(
  platform: Platform,
  userId: UserId,
  provider: Provider,
  secret = demoKeys[provider],
): Promise<ProviderKeyId> {
  const facts = { provider, label: provider, lastFour: secret.slice(-4), fingerprint: 'seeded', updatedAt: 0 }
  const row = await scopeOf(platform, userId).write((tx) =>
    tx.insert(providerKeys, { ...facts, secret }, { type: 'key.added', provider }),
  )
  return row.id
}

/** Issues an API key of ours. */
export async function seedApiKey(
  platform: Platform,
  userId: UserId,
  scopes: readonly TokenScope[] = tokenScopes,
): Promise<{ readonly id: ApiKeyId; readonly token: string }> {
  const { token, hash, lastFour } = issueToken()
  const row = await scopeOf(platform, userId).write((tx) =>
    tx.insert(apiKeys, { name: 'seeded', hash, lastFour, scopes }, { type: 'api_key.issued', scopes }),
  )
  return { id: row.id, token }
}

/** A passkey that no authenticator holds: it is listed and removed, and signs nobody in. */
export async function seedPasskey(platform: Platform, userId: UserId): Promise<Id<'passkey'>> {
  const credential = { credentialId: randomBytes(32).toString('base64url'), publicKey: randomBytes(77), counter: 0 }
  const row = { ...credential, transports: ['internal'], backedUp: false, label: 'seeded' }
  const { id } = await scopeOf(platform, userId).write((tx) => tx.insert(passkeys, row, { type: 'passkey.added' }))
  return id
}
