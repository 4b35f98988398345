/**
 * What a program with an issued API key may do. A signed-in browser may do all of it.
 * Managing the account, its keys and its API keys takes a session: no API key can widen itself.
 */
export const tokenScopes = ['runs:create', 'runs:read', 'runs:delete', 'models:read'] as const

export type TokenScope = (typeof tokenScopes)[number]
