import { createServer, type Server } from 'node:http'

/** An upstream that sets the headers Caddy must replace, tells what it received, and can fail. */
export function createUpstream(heldStreams: (() => void)[]): Server {
  return createServer(async (incoming, response) => {
    response.setHeader('Server', 'upstream')
    response.setHeader('X-Powered-By', 'upstream')
    response.setHeader('Strict-Transport-Security', 'max-age=1')
    response.setHeader('Content-Security-Policy', "default-src * 'unsafe-inline'")
    if (incoming.url?.startsWith('/api/die')) {
      incoming.socket.destroy()
      return
    }
    if (incoming.url === '/api/stream') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: first\n\n')
      heldStreams.push(() => response.end('data: last\n\n'))
      return
    }
    try {
      for await (const _ of incoming);
      response.statusCode = incoming.url === '/api/missing' ? 404 : 200
      response.end(JSON.stringify(incoming.headers))
    } catch {
      incoming.socket.destroy()
    }
  })
}
