import { randomBytes } from 'node:crypto'
import { insideOf } from '../../../core/platform.ts'
import type { Provider } from '../../../core/providers/provider.ts'
import { auditEvents } from '../../../core/store/schema.ts'
import type { Browser, ReadAnswer } from '../../support/browser.ts'
import { type Emulator, startEmulator } from '../../support/emulator/emulator.ts'
import { startOort, type TestOort } from '../../support/oort.ts'

export interface KeysLab extends AsyncDisposable {
  readonly oort: TestOort
  readonly emulator: Emulator
  /** Moves Oort's clock. Milliseconds. */
  pass(duration: number): void
}

/** Oort in front of the emulated providers, with a clock that can be moved. */
export async function openLab(env: Readonly<Record<string, string>> = {}): Promise<KeysLab> {
  const emulator = await startEmulator()
  let moved = 0
  const oort = await startOort({
    clock: () => Date.now() + moved,
    env: {
      OORT_OPENAI_URL: emulator.origins.openai,
      OORT_ANTHROPIC_URL: emulator.origins.anthropic,
      OORT_CEREBRAS_URL: emulator.origins.cerebras,
      ...env,
    },
  })
  return {
    oort,
    emulator,
    pass(duration) {
      moved += duration
    },
    async [Symbol.asyncDispose]() {
      await oort.close()
      await emulator.close()
    },
  }
}

const prefixes: Readonly<Record<Provider, string>> = { openai: 'sk-proj-', anthropic: 'sk-ant-', cerebras: 'csk-' }

/** A fresh key in the provider's shape, which the emulator accepts. */
export function freshKey(provider: Provider = 'openai'): string {
  return `${prefixes[provider]}test-${randomBytes(24).toString('hex')}`
}

/** A fresh key in the provider's shape, which the emulator refuses. */
export function refusedKey(provider: Provider = 'openai'): string {
  return `${prefixes[provider]}${randomBytes(24).toString('hex')}`
}

export interface StoredKey {
  readonly id: string
  readonly provider: Provider
  readonly label: string
  readonly lastFour: string
  readonly fingerprint: string
  readonly verifiedAt: number | null
  readonly lastUsedAt: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** Adds a key; throws unless it was stored. */
export async function addKey(user: Browser, key = freshKey(), more: Record<string, unknown> = {}): Promise<StoredKey> {
  const answer = await user.post('/api/keys', { provider: 'openai', key, ...more })
  if (answer.status !== 201) throw new Error(`adding a key answered ${answer.status}: ${answer.text}`)
  return answer.json<StoredKey>()
}

export async function listKeys(user: Browser): Promise<StoredKey[]> {
  return (await user.get('/api/keys')).json<{ keys: StoredKey[] }>().keys
}

export interface Use {
  readonly seq: number
  readonly action: string
  readonly by: string
  readonly purpose: string | null
}

export async function usesOf(user: Browser, keyId: string): Promise<Use[]> {
  return (await user.get(`/api/keys/${keyId}/uses`)).json<{ uses: Use[] }>().uses
}

export interface IssuedKey {
  readonly id: string
  readonly token: string
  readonly lastFour: string
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
}

/** Issues an API key; throws unless it was. */
export async function issueKey(user: Browser, more: Record<string, unknown> = {}): Promise<IssuedKey> {
  const answer = await user.post('/api/api-keys', { name: 'script', scopes: ['runs:read'], ...more })
  if (answer.status !== 201) throw new Error(`issuing an API key answered ${answer.status}: ${answer.text}`)
  return answer.json<IssuedKey>()
}

/** An answer's bytes without what differs in every answer: its request id and date. */
export function withoutRequestId({ status, headers, text }: ReadAnswer): unknown {
  const id = headers.get('x-request-id') ?? ''
  const kept = [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
  return { status, headers: kept, text: id === '' ? text : text.replaceAll(id, '…') }
}

/** Every row of the audit log as text. */
export async function auditText({ platform }: TestOort): Promise<string> {
  return JSON.stringify(await insideOf(platform).store.read.select().from(auditEvents))
}
