import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { AssertionAnswer, RegistrationAnswer } from '../../core/accounts/passkey-answers.ts'

/** What the page was given, of which an authenticator and its browser read this. */
export interface CreationOptions {
  readonly rp: { readonly id: string }
  readonly user: { readonly id: string }
  readonly challenge: string
  readonly excludeCredentials: readonly { readonly id: string }[]
}

export interface RequestOptions {
  readonly rpId: string
  readonly challenge: string
  readonly allowCredentials: readonly { readonly id: string }[]
}

/** What a hostile page, a careless authenticator or a copy of one does otherwise. */
export interface Deviation {
  readonly origin?: string
  readonly rpId?: string
  readonly type?: string
  readonly challenge?: string
  readonly crossOrigin?: boolean
  readonly userVerified?: boolean
  readonly userPresent?: boolean
  readonly counter?: number
  readonly userHandle?: string | null
  /** Makes a credential with an id that another has. */
  readonly credentialId?: string
}

interface Credential {
  readonly id: Buffer
  readonly privateKey: KeyObject
  readonly cose: Buffer
  readonly rpId: string
  readonly userHandle: string
}

const flag = { userPresent: 1, userVerified: 4, backupEligible: 8, backedUp: 16, attested: 64 } as const

/**
 * An authenticator in software together with the browser in front of it: keys, authenticator data, signatures and
 * client data as WebAuthn Level 3 has them (sections 5.8.1, 6.1 and 6.5), in the JSON that `toJSON()` gives.
 * One that counts raises its counter with each signature; one that does not answers 0 always, as synced passkeys do.
 */
export class Authenticator {
  readonly origin: string
  readonly #algorithm: 'ES256' | 'Ed25519'
  readonly #attestation: 'none' | 'self' | 'maker'
  readonly #counts: boolean
  readonly #credentials: Credential[] = []
  #counter = 0

  constructor(
    origin: string,
    options: {
      readonly algorithm?: 'ES256' | 'Ed25519'
      /** A statement that nobody asked for: by the new key itself, or one that only its maker could be asked about. */
      readonly attestation?: 'none' | 'self' | 'maker'
      readonly counts?: boolean
    } = {},
  ) {
    this.origin = origin
    this.#algorithm = options.algorithm ?? 'ES256'
    this.#attestation = options.attestation ?? 'none'
    this.#counts = options.counts ?? true
  }

  /** `navigator.credentials.create()`. Throws for a credential that is to be excluded. */
  create(options: CreationOptions, deviation: Deviation = {}): RegistrationAnswer {
    const held = this.#credentials.map(({ id }) => id.toString('base64url'))
    if (options.excludeCredentials.some(({ id }) => held.includes(id))) throw new Error('InvalidStateError')
    const { privateKey, cose } = newKey(this.#algorithm)
    const id = Buffer.from(deviation.credentialId ?? randomBytes(32).toString('base64url'), 'base64url')
    const credential = { id, privateKey, cose, rpId: options.rp.id, userHandle: options.user.id }
    this.#credentials.push(credential)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(credential.id.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, credential.id, cose])
    const authData = Buffer.concat([this.#authenticatorData(credential, flag.attested, deviation), attested])
    const clientData = this.#clientData('webauthn.create', options.challenge, deviation)
    const self = { alg: algorithmIds[this.#algorithm], sig: this.#sign(credential, authData, clientData) }
    const statements = {
      none: { fmt: 'none', attStmt: asMap({}) },
      self: { fmt: 'packed', attStmt: asMap(self) },
      maker: { fmt: 'tpm', attStmt: asMap({ ver: '2.0', ...self }) },
    }
    const attestationObject = cbor(asMap({ ...statements[this.#attestation], authData }))
    return {
      id: credential.id.toString('base64url'),
      rawId: credential.id.toString('base64url'),
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        transports: ['internal', 'hybrid'],
        publicKeyAlgorithm: algorithmIds[this.#algorithm],
      },
    }
  }

  /** `navigator.credentials.get()`. Throws without a credential for the site that may be used. */
  get(options: RequestOptions, deviation: Deviation = {}): AssertionAnswer {
    const allowed = options.allowCredentials.map(({ id }) => id)
    const credential = this.#credentials.findLast(
      ({ id, rpId }) => rpId === options.rpId && (allowed.length === 0 || allowed.includes(id.toString('base64url'))),
    )
    if (credential === undefined) throw new Error('NotAllowedError')
    const authData = this.#authenticatorData(credential, 0, deviation)
    const clientData = this.#clientData('webauthn.get', options.challenge, deviation)
    return {
      id: credential.id.toString('base64url'),
      rawId: credential.id.toString('base64url'),
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: this.#sign(credential, authData, clientData).toString('base64url'),
        userHandle: deviation.userHandle === undefined ? credential.userHandle : deviation.userHandle,
      },
    }
  }

  #authenticatorData({ rpId }: Credential, flags: number, deviation: Deviation): Buffer {
    this.#counter += this.#counts ? 1 : 0
    const head = Buffer.alloc(5)
    const present = deviation.userPresent === false ? 0 : flag.userPresent
    const verified = deviation.userVerified === false ? 0 : flag.userVerified
    const backup = this.#counts ? 0 : flag.backupEligible | flag.backedUp
    head.writeUInt8(flags | present | verified | backup, 0)
    head.writeUInt32BE(deviation.counter ?? this.#counter, 1)
    return Buffer.concat([sha256(deviation.rpId ?? rpId), head])
  }

  #clientData(type: string, challenge: string, deviation: Deviation): Buffer {
    const { origin = this.origin, crossOrigin = false } = deviation
    const data = { type: deviation.type ?? type, challenge: deviation.challenge ?? challenge, origin, crossOrigin }
    return Buffer.from(JSON.stringify(data))
  }

  #sign({ privateKey }: Credential, authData: Buffer, clientData: Buffer): Buffer {
    const hash = this.#algorithm === 'ES256' ? 'sha256' : null
    return sign(hash, Buffer.concat([authData, sha256(clientData)]), privateKey)
  }
}

/** COSE algorithm identifiers (RFC 9053, section 2). */
const algorithmIds = { ES256: -7, Ed25519: -8 } as const

/** A key pair, its public half as COSE_Key (RFC 9052, section 7; RFC 9053, section 7). */
function newKey(algorithm: 'ES256' | 'Ed25519'): { readonly privateKey: KeyObject; readonly cose: Buffer } {
  const { privateKey, publicKey } =
    algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const point = (text: string) => Buffer.from(text, 'base64url')
  const entries: readonly (readonly [number, number | Buffer])[] =
    algorithm === 'ES256'
      ? [[1, 2], [3, algorithmIds.ES256], [-1, 1], [-2, point(x)], [-3, point(y)]] // biome-ignore format: a table
      : [
          [1, 1],
          [3, algorithmIds.Ed25519],
          [-1, 6],
          [-2, point(x)],
        ]
  return { privateKey, cose: cbor(new Map(entries)) }
}

type Encodable = number | string | Buffer | ReadonlyMap<number | string, Encodable>

function asMap(members: Readonly<Record<string, Encodable>>): ReadonlyMap<string, Encodable> {
  return new Map(Object.entries(members))
}

/** CBOR of what authenticators send (RFC 8949, section 3): integers, byte and text strings, maps in the order given. */
function cbor(value: Encodable): Buffer {
  if (typeof value === 'number') return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value)
  if (typeof value === 'string') return Buffer.concat([cborHead(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([cborHead(2, value.length), value])
  const pairs = [...(value as ReadonlyMap<number | string, Encodable>)].flatMap(([key, each]) => [
    cbor(key),
    cbor(each),
  ])
  return Buffer.concat([cborHead(5, pairs.length / 2), ...pairs])
}

function cborHead(major: number, argument: number): Buffer {
  const type = major << 5
  if (argument < 24) return Buffer.from([type | argument])
  if (argument < 256) return Buffer.from([type | 24, argument])
  return Buffer.from([type | 25, argument >> 8, argument & 255])
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest()
}
