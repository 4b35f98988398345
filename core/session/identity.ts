import type { ApiKeyId, SessionId, UserId } from '../ids.ts'
import type { TokenScope } from './token-scopes.ts'

/** Who makes a request, and how that was proven. */
export type Identity =
  | {
      readonly via: 'session'
      readonly userId: UserId
      readonly sessionId: SessionId
      /** When the password or a passkey was last given in this session. */
      readonly authenticatedAt: number
      /** The account's, under which the cookie was made. */
      readonly epoch: number
    }
  | {
      readonly via: 'api_key'
      readonly userId: UserId
      readonly apiKeyId: ApiKeyId
      readonly scopes: readonly TokenScope[]
    }
