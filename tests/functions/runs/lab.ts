import type { UserId } from '../../../core/ids.ts'
import { type Provider, providers } from '../../../core/providers/provider.ts'
import { type RunsOptions, runs } from '../../../functions/runs/index.ts'
import type { Browser } from '../../support/browser.ts'
import { type Emulator, type EmulatorOptions, startEmulator } from '../../support/emulator/emulator.ts'
import { type OortOptions, startOort, type TestOort } from '../../support/oort.ts'
import { seedApiKey, seedKey, userByEmail } from '../../support/seed.ts'

/** A signed-in user with a key for each provider and an API key for programs. */
export interface Person {
  readonly browser: Browser
  readonly userId: UserId
  readonly token: string
  readonly keyIds: Readonly<Partial<Record<Provider, string>>>
}

export interface Lab extends AsyncDisposable {
  readonly oort: TestOort
  readonly emulator: Emulator
  person(keys?: readonly Provider[]): Promise<Person>
}

export interface LabOptions {
  readonly emulator?: EmulatorOptions
  readonly runs?: RunsOptions
  readonly oort?: OortOptions
}

/** A whole Oort in front of the emulator. It tries again without waiting. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const emulator = await startEmulator(options.emulator)
  const { openai, anthropic, cerebras } = emulator.origins
  const upstream = { backoff: () => 1, ...options.runs?.upstream }
  const oort = await startOort({
    ...options.oort,
    env: { OORT_OPENAI_URL: openai, OORT_ANTHROPIC_URL: anthropic, OORT_CEREBRAS_URL: cerebras, ...options.oort?.env },
    replace: { runs: (platform) => runs(platform, { patience: 0, ...options.runs, upstream }) },
  })
  return {
    oort,
    emulator,
    async person(keys = providers) {
      const browser = await oort.signedIn()
      const userId = await userByEmail(oort.platform, browser.email)
      const keyIds: Partial<Record<Provider, string>> = {}
      for (const provider of keys) keyIds[provider] = await seedKey(oort.platform, userId, provider)
      const { token } = await seedApiKey(oort.platform, userId)
      return { browser, userId, token, keyIds }
    },
    async [Symbol.asyncDispose]() {
      await oort.close()
      await emulator.close()
    },
  }
}

export interface SentEvent {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** The events of a stream that has been read to its end. */
export function eventsIn(text: string): SentEvent[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/s.exec(frame) ?? []
      return { event, data: JSON.parse(data) as Record<string, unknown> }
    })
}

export function textIn(events: readonly SentEvent[]): string {
  return events.map(({ event, data }) => (event === 'text' ? String(data['text']) : '')).join('')
}
