import {
  Authenticator,
  type CreationOptions,
  type Deviation,
  type RequestOptions,
} from '../../support/authenticator.ts'
import type { Browser, ReadAnswer } from '../../support/browser.ts'
import { type AuthLab, freshAddress } from './lab.ts'

/** How every answer that is not accepted is refused. */
export const refused = '401 PASSKEY_REFUSED'

/** An answer but for its request’s id, which no two share. */
export const withoutIds = (text: string): string => text.replaceAll(/req_[0-9a-f-]{36}/g, '')

type Kind = ConstructorParameters<typeof Authenticator>[1]

export function authenticator({ oort }: AuthLab, kind?: Kind): Authenticator {
  return new Authenticator(oort.publicUrl, kind)
}

/** A new user who has a passkey, in a signed-in browser. */
export async function withPasskey(
  lab: AuthLab,
  device: Authenticator = authenticator(lab),
): Promise<{ readonly owner: Browser & { readonly email: string }; readonly device: Authenticator }> {
  const owner = await lab.oort.signedIn()
  const { status, text } = await addPasskey(owner, device)
  if (status !== 201) throw new Error(`adding a passkey answered ${status}: ${text}`)
  return { owner, device }
}

/** What a signed-in page is given to make a passkey from. */
export async function creationOptionsOf(browser: Browser): Promise<CreationOptions> {
  const answer = await browser.post('/api/auth/passkeys/registration')
  if (answer.status !== 200) throw new Error(`registration answered ${answer.status}: ${answer.text}`)
  return answer.json<{ options: CreationOptions }>().options
}

export async function addPasskey(
  browser: Browser,
  device: Authenticator,
  { label = 'mine', ...deviation }: Deviation & { readonly label?: string } = {},
): Promise<ReadAnswer> {
  const credential = device.create(await creationOptionsOf(browser), deviation)
  return browser.post('/api/auth/passkeys', { label, credential })
}

export async function signInOptions(browser: Browser): Promise<RequestOptions> {
  const answer = await browser.post('/api/auth/passkeys/challenge', {}, freshAddress())
  return answer.json<{ options: RequestOptions }>().options
}

/** Signs in with what an authenticator answers to a fresh challenge. */
export async function signInBy(
  browser: Browser,
  device: Authenticator,
  deviation: Deviation = {},
): Promise<ReadAnswer> {
  const credential = device.get(await signInOptions(browser), deviation)
  return browser.post('/api/auth/sign-in/passkey', { credential }, freshAddress())
}

export async function stepUpOptions(browser: Browser): Promise<RequestOptions> {
  const answer = await browser.post('/api/auth/reauthenticate/challenge')
  return answer.json<{ options: RequestOptions }>().options
}

/** The text of base64url with one bit of its middle byte turned. */
export function turned(text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes.toString('base64url')
}
