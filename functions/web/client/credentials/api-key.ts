import type { TokenScope } from '../../../../core/session/token-scopes.ts'

/** An API key as `GET /api/api-keys` answers it. Times are milliseconds UTC. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly lastFour: string
  readonly scopes: readonly TokenScope[]
  readonly expiresAt: number | null
  /** To the minute. */
  readonly lastUsedAt: number | null
  readonly createdAt: number
}

/** As it is issued: the only time that the key itself is told. */
export type IssuedApiKey = ApiKey & { readonly token: string }

/** What a program may do with each scope. */
export const scopeWords: Readonly<Record<TokenScope, string>> = {
  'runs:create': 'run prompts',
  'runs:read': 'read runs',
  'runs:delete': 'delete runs',
  'models:read': 'list models',
}
