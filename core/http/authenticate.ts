import type { IncomingHttpHeaders } from 'node:http'
import type { Actor } from '../audit/events.ts'
import { OortError } from '../errors.ts'
import { insideOf, type Platform } from '../platform.ts'
import { type AdminScope, createAdminScope } from '../scope/admin-scope.ts'
import { createUserScope, type UserScope } from '../scope/user-scope.ts'
import { authenticateSession } from '../session/authenticate-session.ts'
import { authenticateToken } from '../session/authenticate-token.ts'
import { demandStanding } from '../session/demand-standing.ts'
import type { Identity } from '../session/identity.ts'
import type { SessionCookie } from '../session/session-cookie.ts'
import type { Db } from '../store/store.ts'
import type { Access } from './operation.ts'

/**
 * Names the account that a page shows. All pages of a browser share its cookie: where somebody else has signed in at
 * another one, this one would act on an account that nobody sees.
 */
const accountHeader = 'oort-account'

export interface Admission {
  readonly identity: Identity
  readonly scope: UserScope | AdminScope
}

/**
 * Establishes who calls and whether that suffices for `access`. An API key wins over a cookie: it is what the caller
 * sent on purpose. Throws UNAUTHENTICATED, ACCOUNT_CHANGED, ACCOUNT_SUSPENDED, SCOPE_MISSING or FORBIDDEN.
 */
export async function admit(
  platform: Platform,
  access: Exclude<Access, 'public'>,
  request: { readonly id: string; readonly headers: IncomingHttpHeaders; readonly cookie: SessionCookie },
): Promise<Admission> {
  const token = bearerToken(request.headers)
  const identity =
    token === undefined
      ? await identityOfCookie(platform, request)
      : await authenticateToken(platform, token, request.id)
  if (identity === undefined) throw new OortError('UNAUTHENTICATED')
  const parts = insideOf(platform)
  if (access === 'session' || access === 'admin') {
    if (identity.via !== 'session') throw new OortError('FORBIDDEN', { detail: 'This takes a signed-in browser.' })
  } else if (identity.via === 'api_key' && !identity.scopes.includes(access)) {
    throw new OortError('SCOPE_MISSING', { detail: `The API key lacks the scope ${access}.` })
  }
  const demandRight = (db: Db) => demandStanding(db, identity)
  const scope =
    access === 'admin'
      ? await createAdminScope(parts, identity.userId, request.id, demandRight)
      : createUserScope(parts, identity.userId, actorOf(identity, request.id), demandRight)
  return { identity, scope }
}

/**
 * The API key of a request: `Authorization: Bearer` as OpenAI's clients send it, `x-api-key` as Anthropic's do. What
 * follows `Bearer` is the key however it looks: one that is malformed is refused, not passed over for a cookie.
 * Other schemes belong to somebody else, such as a proxy that asks for a password of its own.
 */
export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^bearer(?: +|$)(.*)$/i.exec(headers.authorization ?? '')
  if (bearer !== null) return bearer[1] ?? ''
  const key = headers['x-api-key']
  return typeof key === 'string' ? key : undefined
}

async function identityOfCookie(
  platform: Platform,
  request: { readonly id: string; readonly headers: IncomingHttpHeaders; readonly cookie: SessionCookie },
): Promise<Identity | undefined> {
  const payload = await request.cookie.read()
  const identity = payload === undefined ? undefined : await authenticateSession(platform, payload, request.id)
  const { [accountHeader]: meant } = request.headers
  if (identity !== undefined && meant !== undefined && meant !== identity.userId) throw new OortError('ACCOUNT_CHANGED')
  return identity
}

function actorOf(identity: Identity, requestId: string): Actor {
  return identity.via === 'session'
    ? { kind: 'user', id: identity.userId, requestId }
    : { kind: 'api_key', id: identity.apiKeyId, requestId }
}
