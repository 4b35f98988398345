import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Endpoint, Provider } from '../../../core/providers/provider.ts'
import { AskRefused, readAsk } from './ask.ts'
import { type Behaviour, behaviours, isBehaviour } from './behaviours.ts'
import { chatCompletions } from './chat-completions.ts'
import { acceptsKey } from './keys.ts'
import { messages } from './messages.ts'
import { isServed, modelList } from './model-list.ts'
import type { RecordedRequest } from './recorded-request.ts'
import type { Wire } from './wire.ts'

interface Call {
  readonly provider: Provider
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly requests: RecordedRequest[]
  readonly scripts: Record<Provider, Behaviour[]>
  readonly origins: Readonly<Record<Provider, string>>
  readonly pace: number
  readonly ended: RecordedRequest['ended']
}

const chatWires: Readonly<Record<Provider, Wire>> = {
  openai: chatCompletions('openai'),
  anthropic: chatCompletions('anthropic'),
  cerebras: chatCompletions('cerebras'),
}

/** Records a request and answers it: the key first, then the path, then what the body asks for. */
export async function respond(call: Call): Promise<void> {
  const { provider, request, response, requests } = call
  const url = new URL(request.url ?? '/', 'http://emulator')
  const body = Buffer.concat(await Array.fromAsync<Buffer>(request))
  requests.push({
    provider,
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body,
    ended: call.ended,
  })
  response.setHeader(provider === 'anthropic' ? 'request-id' : 'x-request-id', 'req_emulated')

  const endpoint: Endpoint = url.pathname === '/v1/messages' ? 'messages' : 'chat.completions'
  const wire = endpoint === 'messages' ? messages : chatWires[provider]
  const refuse = (status: number, message: string): void => {
    const text = JSON.stringify(wire.error(status, message))
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }

  const key = keyOf(provider, request)
  if (key === undefined || !acceptsKey(provider, key)) return refuse(401, 'Incorrect API key provided.')
  const elsewhere = call.origins[provider === 'openai' ? 'cerebras' : 'openai']
  if (request.method === 'GET' && url.pathname === '/v1/models') {
    const behaviour = call.scripts[provider].shift() ?? 'answer'
    if (behaviour !== 'answer') {
      const ask = readAsk(provider, 'chat.completions', {
        model: 'none',
        messages: [{ role: 'user', content: 'none' }],
      })
      return await behaviours[behaviour]({ ask, wire, response, key, pace: call.pace, elsewhere })
    }
    const text = JSON.stringify(modelList(provider))
    response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    return
  }
  const served = url.pathname === '/v1/chat/completions' || (provider === 'anthropic' && endpoint === 'messages')
  if (!served || request.method !== 'POST')
    return refuse(404, `Unknown request URL: ${request.method} ${url.pathname}.`)
  if (endpoint === 'messages' && request.headers['anthropic-version'] === undefined) {
    return refuse(400, 'anthropic-version: header is required')
  }
  if (!request.headers['content-type']?.startsWith('application/json')) return refuse(400, 'Content-Type must be JSON.')

  try {
    const ask = readAsk(provider, endpoint, JSON.parse(body.toString()))
    const named = ask.model.replace(/^emulator-/, '')
    const behaviour = call.scripts[provider].shift() ?? (isBehaviour(named) ? named : 'answer')
    if (behaviour === 'answer' && !isServed(provider, ask.model)) {
      return refuse(404, `The model ${ask.model} does not exist or you do not have access to it.`)
    }
    await behaviours[behaviour]({ ask, wire, response, key, pace: call.pace, elsewhere })
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(400, 'The body is not valid JSON.')
    if (error instanceof AskRefused) return refuse(400, error.message)
    throw error
  }
}

/** Anthropic takes the key in either header: `x-api-key` is documented, and its own client sends a bearer token. */
function keyOf(provider: Provider, request: IncomingMessage): string | undefined {
  const bearer = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1]
  const own = request.headers['x-api-key']
  return provider === 'anthropic' && typeof own === 'string' ? own : bearer
}
