import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { second } from '../../core/clock.ts'
import { ConfigError } from '../../core/config.ts'
import type { Capability } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import type { Meters } from './meters.ts'

/**
 * Answers `GET /metrics` on a port of its own, which is `OORT_METRICS_PORT`, or the next that is free where several
 * workers share the settings: each tells its own figures. Nothing is loaded or measured where the port is not set.
 * The start throws ConfigError when none of those ports is free.
 */
export function serveMetrics(platform: Platform): readonly Capability[] {
  const { metrics: place, workers } = platform.config
  if (place === undefined) return []
  let server: Server | undefined
  let meters: Meters | undefined
  return [
    {
      name: 'metrics',
      operations: [],
      async start() {
        const { createMeters } = await import('./meters.ts')
        meters = createMeters(platform)
        server = await listen(place, place.port === 0 ? 1 : workers, answering(meters))
      },
      async stop() {
        meters?.stop()
        server?.closeAllConnections()
        server?.close()
      },
    },
  ]
}

const answering = (meters: Meters) =>
  createServer({ requestTimeout: 5 * second, headersTimeout: 5 * second }, async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return response.writeHead(404).end()
    const { contentType, text } = await meters.read()
    return response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text)
  })

/** Takes the first of `ports` ports that is free. Exclusive: a cluster would share the port, and mix the figures. */
async function listen(place: { readonly host: string; readonly port: number }, ports: number, server: Server) {
  for (let next = 0; next < ports; next += 1) {
    server.listen({ host: place.host, port: place.port + next, exclusive: true })
    const failure = await once(server, 'listening').then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    )
    if (failure === undefined) return server
    if (failure.code !== 'EADDRINUSE') throw new ConfigError(`OORT_METRICS_HOST: cannot listen there: ${failure.code}`)
  }
  throw new ConfigError('OORT_METRICS_PORT is in use')
}
