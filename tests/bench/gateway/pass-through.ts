import { createServer } from 'node:http'
import { Pool } from 'undici'

// The raw limit of Node: takes a request, sends its body on, pipes the answer back. Keeps nothing, checks nothing.
// `node pass-through.ts <provider's origin>`; prints its own origin.
const pool = new Pool(process.argv[2] ?? '', { connections: 64, pipelining: 1 })
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    pool.stream(
      {
        path: '/v1/chat/completions',
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer sk-none' },
        body: Buffer.concat(chunks),
        opaque: response,
      },
      ({ statusCode, headers }) =>
        response.writeHead(statusCode, { 'content-type': headers['content-type'] as string }),
      (error) => {
        if (error !== null) response.destroy(error)
      },
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`http://127.0.0.1:${address?.port}\n`)
})
