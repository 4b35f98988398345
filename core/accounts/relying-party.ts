import * as z from 'zod'
import type { Config } from '../config.ts'
import { OortError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import type { Platform } from '../platform.ts'
import type { AssertionAnswer, RegistrationAnswer } from './passkey-answers.ts'
import { type ChallengeUse, challengeLifetime, isOurChallenge, issueChallenge } from './passkey-challenge.ts'
import { creationOptionsShape, requestOptionsShape } from './passkey-options.ts'

/** Ed25519, ECDSA on P-256 and RSA with SHA-256: what authenticators have (COSE algorithm identifiers, RFC 9053). */
const algorithms = [-8, -7, -257]

/** A credential as the site knows it. */
export interface Credential {
  readonly credentialId: string
  readonly publicKey: Buffer
  readonly counter: number
  readonly transports: readonly string[]
}

/** What an authenticator told of itself when it signed. */
export interface Assertion {
  readonly challenge: string
  readonly counter: number
  readonly backedUp: boolean
}

/** Much of the library is for a few requests in thousands: it is loaded with the first of them. */
const library = () => import('@simplewebauthn/server')

/** What `navigator.credentials.create` takes, in JSON. The user handle is the account's id: random, and no address. */
export async function creationOptions(
  platform: Platform,
  use: ChallengeUse,
  user: { readonly id: UserId; readonly email: string; readonly credentials: readonly Credential[] },
) {
  const { generateRegistrationOptions } = await library()
  const options = await generateRegistrationOptions({
    rpName: 'Oort',
    rpID: relyingPartyId(platform.config),
    userID: new Uint8Array(Buffer.from(user.id)),
    userName: user.email,
    challenge: issueChallenge(platform, use),
    timeout: challengeLifetime,
    attestationType: 'none',
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: user.credentials.map(descriptorOf),
    supportedAlgorithmIDs: algorithms,
  })
  return creationOptionsShape.parse(options)
}

/** What `navigator.credentials.get` takes, in JSON. Without credentials the person chooses among all for this site. */
export async function requestOptions(platform: Platform, use: ChallengeUse, credentials: readonly Credential[] = []) {
  const { generateAuthenticationOptions } = await library()
  const options = await generateAuthenticationOptions({
    rpID: relyingPartyId(platform.config),
    challenge: issueChallenge(platform, use),
    timeout: challengeLifetime,
    userVerification: 'required',
    allowCredentials: credentials.map(descriptorOf),
  })
  return requestOptionsShape.parse(options)
}

/**
 * Checks a new credential: our challenge for this use, our origin and RP id, and a person whom the authenticator
 * verified. Throws PASSKEY_REFUSED for all else. Source: WebAuthn Level 3, section 7.1.
 */
export async function verifyRegistration(
  platform: Platform,
  use: ChallengeUse,
  answer: RegistrationAnswer,
): Promise<Credential & Assertion> {
  const { challenge } = clientDataOf(platform, use, answer)
  const { verifyRegistrationResponse } = await library()
  return orRefused(async () => {
    const { id, rawId, type, response } = answer
    const attestationObject = await withoutStatement(response.attestationObject)
    const { registrationInfo } = await verifyRegistrationResponse({
      response: {
        id,
        rawId,
        type,
        clientExtensionResults: {},
        response: { clientDataJSON: response.clientDataJSON, attestationObject },
      },
      expectedChallenge: challenge,
      expectedOrigin: platform.config.publicUrl,
      expectedRPID: relyingPartyId(platform.config),
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    })
    if (registrationInfo?.credential.id !== id) throw new OortError('PASSKEY_REFUSED')
    const { credential, credentialBackedUp: backedUp } = registrationInfo
    const { counter } = credential
    const publicKey = Buffer.from(credential.publicKey)
    return { challenge, credentialId: id, publicKey, counter, backedUp, transports: response.transports ?? [] }
  })
}

/**
 * Checks a signature by a credential: our challenge for this use, our origin and RP id, a person whom the authenticator
 * verified, and a counter that rose. Throws PASSKEY_REFUSED for all else. Source: WebAuthn Level 3, section 7.2.
 */
export async function verifyAssertion(
  platform: Platform,
  use: ChallengeUse,
  answer: AssertionAnswer,
  { credentialId: id, publicKey, counter }: Credential,
): Promise<Assertion> {
  const { challenge } = clientDataOf(platform, use, answer)
  const { verifyAuthenticationResponse } = await library()
  return orRefused(async () => {
    const { clientDataJSON, authenticatorData, signature } = answer.response
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id: answer.id,
        rawId: answer.rawId,
        type: answer.type,
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: challenge,
      expectedOrigin: platform.config.publicUrl,
      expectedRPID: relyingPartyId(platform.config),
      credential: { id, publicKey: new Uint8Array(publicKey), counter },
      requireUserVerification: true,
    })
    if (!verified) throw new OortError('PASSKEY_REFUSED')
    const { newCounter, credentialBackedUp: backedUp } = authenticationInfo
    return { challenge, counter: newCounter, backedUp }
  })
}

/** The host that credentials are bound to. */
function relyingPartyId(config: Config): string {
  return new URL(config.publicUrl).hostname
}

function descriptorOf({ credentialId, transports }: Credential) {
  return { id: credentialId, transports: [...transports] }
}

const clientData = z.object({ challenge: z.string(), crossOrigin: z.boolean().optional() })

/** What the browser says the signature is for. A page of another site that framed ours has no business here. */
function clientDataOf(platform: Platform, use: ChallengeUse, { response }: RegistrationAnswer | AssertionAnswer) {
  const text = Buffer.from(response.clientDataJSON, 'base64url').toString('utf8')
  const { data } = clientData.safeParse(readJson(text))
  if (data === undefined || data.crossOrigin || !isOurChallenge(platform, data.challenge, use)) {
    throw new OortError('PASSKEY_REFUSED')
  }
  return data
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * An attestation object without its statement. We ask for none, and browsers that are asked for none still pass one on
 * that an authenticator signed with the new key itself; which maker's device it is, is nothing that we want to know.
 */
async function withoutStatement(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoCBOR } = await import('@simplewebauthn/server/helpers')
  const authData = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url'))).get('authData')
  const nothing = new Map<string, string>()
  const bare = new Map<string, string | Uint8Array | typeof nothing>([
    ['fmt', 'none'],
    ['attStmt', nothing],
    ['authData', authData],
  ])
  return Buffer.from(isoCBOR.encode(bare)).toString('base64url')
}

/** The library tells what is wrong by the text of an error; the caller learns that something is. */
async function orRefused<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (cause) {
    throw new OortError('PASSKEY_REFUSED', {}, cause)
  }
}
