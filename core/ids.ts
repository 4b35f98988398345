import { randomUUIDv7 } from 'node:crypto'
import * as z from 'zod'

/** The prefix of an id names the kind of record it points at. */
export const idPrefixes = {
  user: 'usr',
  session: 'ses',
  providerKey: 'key',
  apiKey: 'tok',
  run: 'run',
  comparison: 'cmp',
  mailToken: 'mtk',
  secondFactor: 'fac',
  passkey: 'psk',
  recoveryCode: 'rec',
  knownDevice: 'dev',
  idempotency: 'idm',
  export: 'exp',
  billingAccount: 'bil',
  subscription: 'sbn',
  paymentEvent: 'pev',
  parkedEvent: 'pkd',
  incident: 'inc',
  incidentUpdate: 'iup',
  request: 'req',
  instance: 'ins',
} as const

export type IdKind = keyof typeof idPrefixes

declare const kind: unique symbol
/** An id of one kind of record. Branded, so that a run's id cannot stand where a key's is wanted. */
export type Id<K extends IdKind> = string & { readonly [kind]: K }

export type UserId = Id<'user'>
export type SessionId = Id<'session'>
export type ProviderKeyId = Id<'providerKey'>
export type ApiKeyId = Id<'apiKey'>
export type RunId = Id<'run'>

/**
 * A fresh id: `<prefix>_<UUIDv7>`. Ids made later sort later (to the millisecond).
 * Source: RFC 9562, section 5.7.
 */
export function newId<K extends IdKind>(of: K): Id<K> {
  return `${idPrefixes[of]}_${randomUUIDv7()}` as Id<K>
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'

/** Schema of an id of one kind, for route parameters and bodies. Refuses other kinds and malformed ids. */
export function idOf<K extends IdKind>(of: K): z.ZodType<Id<K>, Id<K>> {
  return z.string().regex(new RegExp(`^${idPrefixes[of]}_${uuid}$`)) as unknown as z.ZodType<Id<K>, Id<K>>
}
