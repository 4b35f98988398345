import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../infra/bundling/free-port.ts'

const id = 'chatcmpl-0123456789abcdefghijklmnop'
const model = 'gpt-5.4'
const words = 300

const completion = JSON.stringify({
  id,
  object: 'chat.completion',
  created: 1_790_000_000,
  model,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'It is a shell of icy bodies around the Sun. '.repeat(12) },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 24, completion_tokens: 120, total_tokens: 144 },
})

const chunk = (delta: object, rest: object = {}) =>
  `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: 1_790_000_000, model, choices: [{ index: 0, delta, finish_reason: null }], ...rest })}\n\n`

const events = [
  chunk({ role: 'assistant', content: '' }),
  ...Array.from({ length: words }, (_, index) => chunk({ content: `word${index} ` })),
  `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: 1_790_000_000, model, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`,
  `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: 1_790_000_000, model, choices: [], usage: { prompt_tokens: 24, completion_tokens: words, total_tokens: words + 24 } })}\n\n`,
  'data: [DONE]\n\n',
].join('')

export interface Provider {
  readonly json: string
  readonly sse: string
  /** Bytes of an answer's body. */
  readonly bytes: { readonly JSON: number; readonly SSE: number }
  stop(): Promise<void>
}

/** A provider as fast as they come: nginx with two canned answers, one on each port. */
export async function startProvider(): Promise<Provider> {
  const home = await mkdtemp(join(tmpdir(), 'oort-bench-nginx-'))
  await mkdir(join(home, 'files'))
  await writeFile(join(home, 'files/answer.json'), completion)
  await writeFile(join(home, 'files/answer.sse'), events)
  const [json, sse] = [await freePort(), await freePort()]
  // A file refuses POST with 405 once it is found, which is turned into the file itself: the body is read and dropped.
  const server = (port: number, file: string, type: string) => `
    server {
      listen 127.0.0.1:${port} backlog=1024;
      root ${home}/files;
      types {} default_type ${type};
      error_page 405 =200 /${file};
      rewrite ^ /${file} break;
    }`
  await writeFile(
    join(home, 'nginx.conf'),
    `daemon off; pid ${home}/nginx.pid; error_log stderr crit; worker_processes 1; master_process off;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 100000000; keepalive_timeout 300s; open_file_cache max=10; sendfile on;
      tcp_nopush on; client_body_temp_path ${home}/body; proxy_temp_path ${home}/p; fastcgi_temp_path ${home}/f;
      uwsgi_temp_path ${home}/u; scgi_temp_path ${home}/s;
      ${server(json, 'answer.json', 'application/json')}
      ${server(sse, 'answer.sse', 'text/event-stream')}
    }`,
  )
  const child = spawn('nginx', ['-c', join(home, 'nginx.conf'), '-p', home], { stdio: ['ignore', 'ignore', 'inherit'] })
  await sleep(300)
  if (child.exitCode !== null) throw new Error('nginx did not start')
  return {
    json: `http://127.0.0.1:${json}`,
    sse: `http://127.0.0.1:${sse}`,
    bytes: { JSON: Buffer.byteLength(completion), SSE: Buffer.byteLength(events) },
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      await rm(home, { recursive: true, force: true })
    },
  }
}
