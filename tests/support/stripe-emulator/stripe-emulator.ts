import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Books } from './books.ts'
import { type FormValue, readForm } from './form.ts'
import { pageOf, type Query, readQuery } from './lists.ts'
import { absent, Refusal } from './refusal.ts'

export interface StripeEmulatorOptions {
  readonly secretKey: string
  readonly prices: readonly string[]
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
}

export interface StripeRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What can go wrong on the way: once each, in order, before the request is looked at (`hangup-after`: after). */
export type Mishap = 'nothing' | 'hangup-after' | 'hangup' | 'server-error' | 'rate-limit' | 'redirect' | 'not-json'

export interface StripeEmulator {
  readonly origin: string
  readonly books: Books
  readonly requests: StripeRequest[]
  script(...mishaps: readonly Mishap[]): void
  close(): Promise<void>
}

interface Kept {
  readonly body: string
  readonly status: number
  readonly text: string
}

/**
 * The part of Stripe's API that Oort uses, on a socket: form-encoded requests, bearer keys, Stripe's error shapes,
 * idempotency keys. The real SDK cannot tell the difference.
 * Sources: https://docs.stripe.com/api, https://docs.stripe.com/api/idempotent_requests
 */
export async function startStripeEmulator(options: StripeEmulatorOptions): Promise<StripeEmulator> {
  const { secretKey, prices, clock = () => Date.now() } = options
  const books = new Books(prices, () => Math.floor(clock() / 1_000))
  const requests: StripeRequest[] = []
  const mishaps: Mishap[] = []
  const answered = new Map<string, Kept>()

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await Array.fromAsync<Buffer>(request)).toString('utf8')
    const { method = '', url: path = '', headers } = request
    requests.push({ method, path, headers, body })
    const send = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'request-id': newRequestId() }).end(text)
    }
    const mishap = mishaps.shift()
    if (mishap === 'hangup') return void response.destroy()
    if (mishap === 'redirect') return void response.writeHead(307, { location: '/v1/elsewhere' }).end()
    if (mishap === 'not-json') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello')
    if (mishap === 'server-error') return send(500, errorText({ type: 'api_error', message: 'Something went wrong.' }))
    if (mishap === 'rate-limit')
      return send(429, errorText({ type: 'rate_limit_error', message: 'Too many requests.' }))

    const key = headers['idempotency-key']
    const kept = typeof key === 'string' ? answered.get(key) : undefined
    let answer: Kept
    try {
      if (headers.authorization !== `Bearer ${secretKey}`) throw unauthorised(headers.authorization)
      if (kept !== undefined && kept.body !== `${path} ${body}`) throw new Refusal(400, reused)
      answer = kept ?? {
        body: `${path} ${body}`,
        status: 200,
        text: JSON.stringify(route(books, method, path, body, headers)),
      }
      if (kept !== undefined) response.setHeader('idempotent-replayed', 'true')
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      answer = { body: `${path} ${body}`, status: error.status, text: errorText(error.error) }
    }
    if (method === 'POST' && typeof key === 'string' && answer.status === 200) answered.set(key, answer)
    if (mishap === 'hangup-after') return void response.destroy()
    send(answer.status, answer.text)
  }

  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    books,
    requests,
    script: (...next) => void mishaps.push(...next),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const lists: Readonly<Record<string, (books: Books, query: Query) => readonly object[]>> = {
  'GET checkout/sessions': (books, query) => books.listSessions(query),
  'GET subscriptions': (books, query) => books.listSubscriptions(query),
}

function route(books: Books, method: string, path: string, body: string, headers: IncomingHttpHeaders): object {
  const [address = '', asked] = path.split('?')
  const [version, ...steps] = address.split('/').slice(1)
  const place = `${method} ${steps.join('/')}`
  if (version !== 'v1') throw unknown(method, path)
  const query = readQuery(asked, place in lists ? ['customer', 'status', 'limit'] : [])
  const list = lists[place]?.(books, query)
  if (list !== undefined) return pageOf(address, list, query)
  const form = method === 'POST' ? formOf(body, headers) : {}
  if (place === 'POST customers') return books.createCustomer(form)
  if (place === 'POST checkout/sessions') return books.createSession(form)
  if (place === 'POST billing_portal/sessions') return books.createPortalSession(form)
  if (method === 'POST' && /^checkout\/sessions\/\w+\/expire$/.test(steps.join('/'))) {
    return books.expireSession(steps[2] ?? '')
  }
  const [kind, id, more] = steps
  if (id === undefined || more !== undefined) throw unknown(method, path)
  if (method === 'DELETE' && kind === 'customers') return books.deleteCustomer(id)
  if (method === 'GET' && kind === 'subscriptions') return books.showSubscription(id)
  throw unknown(method, path)
}

function formOf(body: string, headers: IncomingHttpHeaders): FormValue {
  if (headers['content-type'] !== 'application/x-www-form-urlencoded') throw absent('a form-encoded body')
  try {
    return readForm(body)
  } catch {
    throw new Refusal(400, { message: 'Invalid form encoding.' })
  }
}

const reused = {
  type: 'idempotency_error',
  message: 'Keys for idempotent requests can only be used with the same parameters they were first used with.',
}

/** Stripe repeats the ends of a key that it refuses: nothing of that may reach anybody through us. */
function unauthorised(given: string | undefined): Refusal {
  const key = given?.replace(/^Bearer /, '') ?? ''
  const message =
    key === '' ? 'You did not provide an API key.' : `Invalid API Key provided: ${key.slice(0, 12)}****${key.slice(-4)}`
  return new Refusal(401, { message })
}

function unknown(method: string, path: string): Refusal {
  return new Refusal(404, { message: `Unrecognized request URL (${method}: ${path}).` })
}

const errorText = (error: Readonly<Record<string, unknown>>): string => JSON.stringify({ error }, null, 2)
const newRequestId = (): string => `req_${randomBytes(7).toString('hex')}`
