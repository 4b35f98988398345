import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addPasskey, signInBy } from '../functions/auth/passkey-lab.ts'
import { Authenticator } from '../support/authenticator.ts'
import { Browser } from '../support/browser.ts'
import { buildTime, built } from '../support/built.ts'
import { password } from '../support/oort.ts'
import { type Started, start, strongSecrets } from '../support/process.ts'

// The build leaves parts of the passkey library out, and has Node check ECDSA signatures in its place. What is left has
// to do, also where a browser passes on an attestation that nobody asked for.

const publicUrl = 'https://oort.test'
let folder: string
let router: Started

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oort-bundled-'))
  const { dist } = await built()
  router = start(join(dist, 'router.js'), [], {
    ...strongSecrets(),
    NODE_ENV: 'development',
    OORT_DATA_DIR: join(folder, 'data'),
    OORT_PUBLIC_URL: publicUrl,
    OORT_PORT: '0',
  })
  await router.origin
}, buildTime)

afterAll(async () => {
  router.child.kill('SIGTERM')
  await router.ended
  await rm(folder, { recursive: true, force: true })
})

test.each([
  { algorithm: 'ES256', attestation: 'none' },
  { algorithm: 'ES256', attestation: 'self' },
  { algorithm: 'Ed25519', attestation: 'self' },
  { algorithm: 'ES256', attestation: 'maker' },
] as const)(
  'a passkey of $algorithm, attestation $attestation, signs in to the router as it is built',
  async (kind) => {
    const origin = await router.origin
    const owner = new Browser(origin, publicUrl)
    const email = `${kind.algorithm}-${kind.attestation}@example.com`
    expect((await owner.post('/api/auth/sign-up', { email, password })).status).toBe(201)
    const device = new Authenticator(publicUrl, kind)
    expect((await addPasskey(owner, device)).status).toBe(201)
    const browser = new Browser(origin, publicUrl)
    expect((await signInBy(browser, device, { origin: 'https://evil.example' })).status).toBe(401)
    expect((await signInBy(browser, device)).status).toBe(200)
    expect((await browser.get('/api/auth/me')).status).toBe(200)
  },
)
