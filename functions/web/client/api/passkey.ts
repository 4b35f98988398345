import type {
  PublicKeyCredentialCreationOptionsJSON as CreationOptions,
  PublicKeyCredentialRequestOptionsJSON as RequestOptions,
} from '@simplewebauthn/browser'
import { api } from './api.ts'
import { ApiError } from './problem.ts'

/** A passkey as its owner sees it. Times are milliseconds UTC. */
export interface Passkey {
  readonly id: string
  readonly label: string
  /** A password manager keeps it in more than one place. */
  readonly backedUp: boolean
  readonly lastUsedAt: number | null
  readonly createdAt: number
}

/** Loaded when it is first needed: most visits need it not. */
const library = () => import('@simplewebauthn/browser')

export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function'
}

/** Has the browser make a passkey, and keeps it with the account. Throws ApiError. */
export async function makePasskey(label: string): Promise<Passkey> {
  const { options } = await api.post<{ readonly options: CreationOptions }>('/api/auth/passkeys/registration')
  const { startRegistration } = await library()
  const credential = await asked(() => startRegistration({ optionsJSON: options }))
  return await api.post<Passkey>('/api/auth/passkeys', { label, credential })
}

/** Begins a session with a passkey that the person chooses. Throws ApiError. */
export async function signInByPasskey(): Promise<void> {
  await answerChallenge('/api/auth/passkeys/challenge', '/api/auth/sign-in/passkey')
}

/** Proves to this session with a passkey that it is still its owner. Throws ApiError. */
export async function proveByPasskey(): Promise<void> {
  await answerChallenge('/api/auth/reauthenticate/challenge', '/api/auth/reauthenticate')
}

/**
 * Offers passkeys among what the browser fills into the form, where it can, and begins a session when one is chosen:
 * resolves to whether that came about. A further ceremony, or `endOffer`, ends the offer; one that is under way by the
 * time of the offer, which `paused` tells, is left in peace. Throws what the API refused.
 * Source: WebAuthn Level 3, section 5.1.4, conditional mediation.
 */
export async function offerPasskeys(paused: () => boolean): Promise<boolean> {
  const { browserSupportsWebAuthnAutofill } = await library()
  if (!(await browserSupportsWebAuthnAutofill())) return false
  try {
    return await answerChallenge('/api/auth/passkeys/challenge', '/api/auth/sign-in/passkey', { unless: paused })
  } catch (error) {
    if (error instanceof ApiError && error.status !== 0) throw error
    return false
  }
}

export async function endOffer(): Promise<void> {
  const { WebAuthnAbortService } = await library()
  WebAuthnAbortService.cancelCeremony()
}

/** With `unless` as an offer, which is not made where that is so: answers whether it was. */
async function answerChallenge(
  ask: string,
  answer: string,
  { unless }: { unless?: () => boolean } = {},
): Promise<boolean> {
  const { options } = await api.post<{ readonly options: RequestOptions }>(ask)
  const { startAuthentication } = await library()
  if (unless?.()) return false
  const useBrowserAutofill = unless !== undefined
  const credential = await asked(() => startAuthentication({ optionsJSON: options, useBrowserAutofill }))
  await api.post(answer, { credential })
  return true
}

/** What a browser says by the name of an error, for people. Source: WebAuthn Level 3, sections 5.1.3 and 5.1.4. */
const sayings: Readonly<Record<string, string>> = {
  InvalidStateError: 'This device has a passkey for your account already',
  SecurityError: 'Passkeys work at the address that this Oort is set up for, and this is another',
}

async function asked<T>(ceremony: () => Promise<T>): Promise<T> {
  try {
    return await ceremony()
  } catch (error) {
    const name = error instanceof Error ? error.name : ''
    const message = sayings[name] ?? 'No passkey was given: it was cancelled, or took too long'
    throw new ApiError({ code: 'PASSKEY_REFUSED', message })
  }
}
