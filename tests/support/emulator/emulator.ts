import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Provider, providers } from '../../../core/providers/provider.ts'
import type { Behaviour } from './behaviours.ts'
import type { RecordedRequest } from './recorded-request.ts'
import { respond } from './respond.ts'

export interface EmulatorOptions {
  readonly host?: string
  /** OpenAI's port; Anthropic and Cerebras have the two that follow. Default 0: any three free ones. */
  readonly portBase?: number
  /** Milliseconds between two streamed events. Default 0. */
  readonly pace?: number
}

export interface Emulator {
  readonly origins: Readonly<Record<Provider, string>>
  readonly ports: Readonly<Record<Provider, number>>
  /** In order of arrival, over all three listeners. */
  readonly requests: RecordedRequest[]
  /** How the next requests to a provider that carry a good key are answered, one each, whatever they ask for. */
  script(provider: Provider, ...queue: readonly Behaviour[]): void
  /** Forgets requests and scripts. */
  reset(): void
  close(): Promise<void>
}

/**
 * Emulates OpenAI, Anthropic and Cerebras on three listeners, so that it can be counted whose host a key went to.
 * Answers are deterministic: they repeat the prompt, or call the first tool offered.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { host = '127.0.0.1', portBase = 0, pace = 0 } = options
  const requests: RecordedRequest[] = []
  const scripts: Record<Provider, Behaviour[]> = { openai: [], anthropic: [], cerebras: [] }
  const origins: Record<Provider, string> = { openai: '', anthropic: '', cerebras: '' }
  const ports: Record<Provider, number> = { openai: 0, anthropic: 0, cerebras: 0 }
  const servers: Server[] = []

  for (const [index, provider] of providers.entries()) {
    const server = createServer((request, response) => {
      const ended = once(response, 'close').then(() => (response.writableFinished ? 'answered' : 'abandoned'))
      void respond({ provider, request, response, requests, scripts, origins, pace, ended }).catch(() => {
        response.destroy()
      })
    })
    server.listen(portBase === 0 ? 0 : portBase + index, host)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    ports[provider] = port
    origins[provider] = `http://${host}:${port}`
    servers.push(server)
  }

  return {
    origins,
    ports,
    requests,
    script: (provider, ...queue) => void scripts[provider].push(...queue),
    reset() {
      requests.length = 0
      for (const provider of providers) scripts[provider].length = 0
    },
    async close() {
      const closed = servers.map((server) => once(server, 'close'))
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
      await Promise.all(closed)
    },
  }
}
