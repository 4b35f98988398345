import { once } from 'node:events'
import { type IncomingMessage, request as plainRequest } from 'node:http'
import { connect as plainConnect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type ConnectionOptions, connect } from 'node:tls'
import { describe, expect, test } from 'vitest'
import type { Caddy } from '../../support/caddy.ts'
import { listeningPorts } from '../../support/listening-ports.ts'

/** What the Caddyfile guarantees of the way in: TLS, the version of HTTP, and what is said in the clear. */
export function holdTransport(caddy: () => Caddy): void {
  describe('TLS', () => {
    const handshake = async (options: Pick<ConnectionOptions, 'maxVersion' | 'ALPNProtocols'>) => {
      const { port, ca } = caddy()
      const socket = connect({ host: '127.0.0.1', servername: 'localhost', port, ca, ...options })
      try {
        await once(socket, 'secureConnect')
        return { version: socket.getProtocol(), protocol: socket.alpnProtocol }
      } finally {
        socket.destroy()
      }
    }
    const versionUpTo = async (maxVersion: 'TLSv1.2' | 'TLSv1.3') => (await handshake({ maxVersion })).version

    test('H2 accepts TLS 1.3', async () => {
      await expect(versionUpTo('TLSv1.3')).resolves.toBe('TLSv1.3')
    })

    test('H2 refuses TLS 1.2', async () => {
      await expect(versionUpTo('TLSv1.2')).rejects.toThrow(/protocol version/)
    })

    test('N1 speaks no HTTP/2, of which one connection could hold hundreds of answers that nobody reads', async () => {
      const agree = async (ALPNProtocols: string[]) => (await handshake({ ALPNProtocols })).protocol
      await expect(agree(['h2', 'http/1.1'])).resolves.toBe('http/1.1')
      await expect(agree(['h2'])).rejects.toThrow(/no application protocol/)
      for (const port of await listeningPorts(caddy().pid)) {
        const host = { host: '127.0.0.1', servername: 'localhost', port, ca: caddy().ca }
        const socket = port === caddy().port ? connect(host) : plainConnect(host)
        socket.end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0')
        expect((await buffer(socket)).toString('latin1')).toMatch(/^($|HTTP\/1\.1 )/)
      }
    })

    const askInTheClear = async (path: string): Promise<IncomingMessage> => {
      const [port] = (await listeningPorts(caddy().pid)).filter((candidate) => candidate !== caddy().port)
      const outgoing = plainRequest({ port, path, headers: { Host: 'oort.example' } }).end()
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
      return response.resume()
    }

    test('H2 plain HTTP is redirected in production, without Strict-Transport-Security (RFC 6797, 7.2)', async () => {
      const response = await askInTheClear('/keys?a=b')
      expect(response.statusCode).toBe(308)
      expect(response.headers.location).toBe('https://oort.example/keys?a=b')
      expect(response.headers).not.toHaveProperty('strict-transport-security')
      expect(response.headers).not.toHaveProperty('server')
    })

    test('H2 what a program sends in plain HTTP is refused, not redirected: a key in the clear is noticed', async () => {
      for (const path of ['/api/keys', '/v1/models', '/webhooks/payments']) {
        const { statusCode, headers } = await askInTheClear(path)
        expect([path, statusCode, headers['content-type']]).toEqual([path, 404, 'application/problem+json'])
        expect(headers).not.toHaveProperty('location')
        expect(headers).not.toHaveProperty('server')
      }
    })
  })
}
