import { randomBytes } from 'node:crypto'
import { type CapabilityName, capabilityNames } from '../../infra/capabilities.ts'
import { type ListedRoute, routesOf } from '../security/route-table.ts'
import type { TestOort } from '../support/oort.ts'

/** A request as two hosts are asked, one after the other. */
export interface LikeRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** Each route with the name of the function that has it. */
export function routesByFunction(oort: TestOort): (readonly [string, CapabilityName, ListedRoute])[] {
  return capabilityNames.flatMap((name, at) => {
    const own = new Set(oort.capabilities[at]?.operations)
    return routesOf(oort).flatMap((route) => (own.has(route.operation) ? [[route.name, name, route] as const] : []))
  })
}

/** One request for a route; where it takes a body, one that the schema refuses once the guards let it come so far. */
export function requestFor({ operation: { method, schema }, path, body }: ListedRoute, origin: string): LikeRequest {
  const headers = { origin, 'x-forwarded-for': `10.${[...randomBytes(3)].join('.')}` }
  if (schema.body === undefined) return { method, path: path(), headers }
  const refused = JSON.stringify({ ...body, role: 'admin', userId: 'usr_x', messages: 1 })
  return { method, path: path(), headers: { ...headers, 'content-type': 'application/json' }, body: refused }
}

/** Routes that a signed-in browser cannot ask twice and get the same: they end its session or make something. */
export const unrepeatable: readonly string[] = [
  'POST /api/auth/sign-out',
  'POST /api/auth/sign-out-everywhere',
  'POST /api/api-keys',
  'POST /api/export',
]

/** The description of the API names what the host has: a function alone has less. */
export const ofTheHost: readonly string[] = ['GET /api/openapi.json']

/** A body without what belongs to its moment: a passkey's challenge, and from when on something is told. */
export const withoutMoment = (text: string): string =>
  text.replace(/"challenge":"[\w-]{72}"/, '"challenge":"fresh"').replace(/"from":\d{13}/, '"from":0')
