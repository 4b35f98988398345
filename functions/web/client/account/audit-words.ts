import { scopeWords } from '../credentials/api-key.ts'
import { providerNames } from '../credentials/provider-key.ts'

/** What an entry tells beside that it happened. */
type Detail = Readonly<Record<string, unknown>>

type Words = string | ((told: Detail) => string)

const proofs = {
  sign_up: 'by signing up',
  reset: 'by a mailed link',
  password: 'with the password',
  password_and_totp: 'with the password and a code',
  password_and_recovery_code: 'with the password and a recovery code',
  passkey: 'with a passkey',
}

const refusals = {
  password: 'the password was wrong',
  second_factor: 'the code was wrong',
  recovery_code: 'the recovery code was wrong',
  passkey: 'the passkey was refused',
  suspended: 'the account is suspended',
  unverified: 'the address is not confirmed',
}

const ends = { sign_out: 'Signed out', revocation: 'A browser was signed out', expiry: 'A session expired' }

const exportEnds = {
  client_gone: 'the browser went away',
  revoked: 'the session ended',
  failed: 'something failed',
  shutdown: 'the server stopped',
  stalled: 'nobody took it',
  replaced: 'another one was begun',
}

const purposes = { verify_email: 'to confirm the address', reset_password: 'to reset the password' }

const uses = {
  run: 'A provider key was opened for a run',
  verification: 'A provider key was opened to check it',
  models: 'A provider key was opened to list its models',
}

/** A sentence for each action of core/audit/events.ts. */
export const auditWords: Readonly<Record<string, Words>> = {
  'user.signed_up': 'The account was opened',
  'user.sign_up_repeated': 'Somebody tried to open an account with your address',
  'user.email_verified': 'The e-mail address was confirmed',
  'user.password_changed': 'The password was changed',
  'user.password_reset': 'The password was reset by a mailed link',
  'user.password_rehashed': 'The hash of the password was made stronger',
  'user.signed_out_everywhere': 'Every browser was signed out',
  'user.suspended': ({ reason }) => `The account was suspended (${plain(reason)})`,
  'user.unsuspended': ({ reason }) => `The account is no longer suspended (${plain(reason)})`,
  'user.role_changed': ({ role, reason }) =>
    `The account was made that of ${role === 'admin' ? 'an administrator' : 'a user'} (${plain(reason)})`,
  'user.sessions_ended': ({ reason }) => `Every browser was signed out (${plain(reason)})`,
  'user.deleted': 'The account was deleted',
  'session.refused': ({ reason }) => `A sign-in or a proof was refused: ${among(refusals, reason)}`,
  'session.started': ({ method }) => `Signed in ${among(proofs, method)}`,
  'session.reauthenticated': ({ method }) => `Proved anew ${among(proofs, method)}`,
  'session.ended': ({ by }) => among(ends, by),
  'second_factor.added': 'The set-up of an authenticator app was begun',
  'second_factor.opened': 'The secret of the authenticator app was opened to check a code',
  'second_factor.confirmed': 'The authenticator app was set up',
  'second_factor.used': 'A code of the authenticator app was accepted',
  'second_factor.removed': 'The authenticator app was removed',
  'passkey.added': 'A passkey was added',
  'passkey.used': 'A passkey was used',
  'passkey.relabelled': 'A passkey was renamed',
  'passkey.removed': 'A passkey was removed',
  'recovery_code.made': 'A recovery code was made',
  'recovery_code.used': 'A recovery code was used up',
  'recovery_code.withdrawn': 'A recovery code was withdrawn',
  'device.noted': 'A browser was seen for the first time',
  'device.forgotten': 'A known browser was forgotten',
  'mail_token.issued': ({ purpose }) => `A link was mailed, ${among(purposes, purpose)}`,
  'mail_token.used': ({ purpose }) => `A mailed link was used, ${among(purposes, purpose)}`,
  'mail_token.withdrawn': 'A mailed link was withdrawn',
  'key.added': ({ provider }) => `A provider key was added (${among(providerNames, provider)})`,
  'key.used': ({ purpose }) => among(uses, purpose),
  'key.verified': 'A provider key was accepted by its provider',
  'key.refused': 'A provider key was refused by its provider',
  'key.replaced': 'A provider key was replaced',
  'key.relabelled': 'A provider key was renamed',
  'key.deleted': 'A provider key was deleted',
  'api_key.issued': ({ scopes }) =>
    `An API key was issued (${[scopes]
      .flat()
      .map((scope) => among(scopeWords, scope))
      .join(', ')})`,
  'api_key.revoked': 'An API key was revoked',
  'run.started': 'A run was started',
  'run.streaming': 'A run began to answer',
  'run.cancel_requested': 'A run was asked to end',
  'run.finished': ({ state }) => `A run ended (${plain(state)})`,
  'run.deleted': 'A run was deleted',
  'export.started': 'An export was prepared',
  'export.streaming': 'The download of an export began',
  'export.finished': ({ rows }) => `An export was downloaded, with ${rows} records`,
  'export.abandoned': ({ reason }) => `An export came to nothing: ${among(exportEnds, reason)}`,
  'billing.opened': 'A customer was made at the payment service',
  'billing.linked': 'The customer at the payment service was linked',
  'subscription.changed': ({ status }) => `The subscription changed (${plain(status)})`,
  'incident.opened': ({ severity }) => `An incident was opened (${severity})`,
  'incident.updated': ({ state, severity }) => `An incident was updated (${state}, ${severity})`,
  'key_version.rekeyed': ({ rows }) => `The master key was changed, and ${rows} records sealed anew`,
  'key_version.abandoned': 'A change of the master key was taken back',
  'database.compacted': 'The database was compacted',
  'payment.received': 'The payment service told of a payment',
}

/** An entry of the log in words; the action's own name for one that this page does not know yet. */
export function wordsFor(action: string, told: Detail): string {
  const words = auditWords[action] ?? action
  return typeof words === 'string' ? words : words(told)
}

function among(words: Readonly<Record<string, string>>, told: unknown): string {
  return words[String(told)] ?? plain(told)
}

function plain(word: unknown): string {
  return String(word).replaceAll('_', ' ')
}
