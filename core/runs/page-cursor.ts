import { timingSafeEqual } from 'node:crypto'
import type { Keyring } from '../crypto/keyring.ts'
import { OortError } from '../errors.ts'
import { idPrefixes, type RunId, type UserId } from '../ids.ts'

const idBytes = 16
/** 128 bits of a MAC cannot be guessed. */
const macBytes = 16
const separator = '_'

/**
 * The cursor of the page after a run, for its user alone: the 16 bytes of the run's id and a MAC, in base64url. Opaque
 * on purpose: what callers cannot make they cannot come to rely on.
 */
export function cursorAfter(keyring: Keyring, userId: UserId, id: RunId): string {
  const [, uuid = ''] = id.split(separator)
  return Buffer.concat([Buffer.from(uuid.replaceAll('-', ''), 'hex'), macOf(keyring, userId, id)]).toString('base64url')
}

/** The run that a cursor names. Throws CURSOR_INVALID for any text that `cursorAfter` did not make for this user. */
export function readCursor(keyring: Keyring, userId: UserId, cursor: string): RunId {
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.length !== idBytes + macBytes || bytes.toString('base64url') !== cursor)
    throw new OortError('CURSOR_INVALID')
  const hex = bytes.toString('hex', 0, idBytes)
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  // What the MAC confirms below is an id that we made.
  const id = `${idPrefixes.run}${separator}${uuid}` as RunId
  if (!timingSafeEqual(bytes.subarray(idBytes), macOf(keyring, userId, id))) throw new OortError('CURSOR_INVALID')
  return id
}

function macOf(keyring: Keyring, userId: UserId, id: RunId): Buffer {
  return keyring.mac('run-cursor', `${userId}\n${id}`).subarray(0, macBytes)
}
