import * as z from 'zod'

const base64url = (mostCharacters: number) =>
  z
    .string()
    .max(mostCharacters)
    .regex(/^[\w-]+$/)

/** A credential's id has 1,023 bytes at most (WebAuthn Level 3, section 4). */
const credentialId = base64url(1_364)

const common = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish(),
  /** We ask for no extension, and read the results of none. */
  clientExtensionResults: z.unknown().optional(),
}

/** What a browser made: `toJSON()` of the credential. Source: WebAuthn Level 3, section 5.1, RegistrationResponseJSON. */
export const registrationAnswer = z.strictObject({
  ...common,
  response: z.strictObject({
    clientDataJSON: base64url(8_192),
    attestationObject: base64url(32_768),
    transports: z
      .array(z.string().regex(/^[a-z-]{1,20}$/))
      .max(10)
      .optional(),
    /** These repeat what the attestation object says, and are not read. */
    authenticatorData: base64url(32_768).optional(),
    publicKey: base64url(8_192).nullish(),
    publicKeyAlgorithm: z.int().optional(),
  }),
})

/** What a browser signed: `toJSON()` of the credential. Source: as above, AuthenticationResponseJSON. */
export const assertionAnswer = z.strictObject({
  ...common,
  response: z.strictObject({
    clientDataJSON: base64url(8_192),
    authenticatorData: base64url(8_192),
    signature: base64url(4_096),
    userHandle: base64url(88).nullish(),
  }),
})

export type RegistrationAnswer = z.output<typeof registrationAnswer>
export type AssertionAnswer = z.output<typeof assertionAnswer>
