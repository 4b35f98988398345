import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { LambdaAnswer, LambdaEvent } from '../../../core/http/lambda-event.ts'
import type { Posted, RuntimeApi } from './runtime-api.ts'

export interface FunctionUrl {
  readonly origin: string
  close(): void
}

/** What AWS passes on as text; the rest is encoded. Source: the guide, "Request payload format". */
const textual = /^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded))/

const metadataType = 'application/vnd.awslambda.http-integration-response'
const delimiter = Buffer.alloc(8)
const largestRequest = 6 * 1_024 * 1_024

/**
 * A function URL in front of a function: HTTP requests become events of payload format 2.0 (which API Gateway's HTTP APIs
 * share), and what the function posts becomes HTTP again, streams as they come (`InvokeMode: RESPONSE_STREAM`).
 * Source: AWS Lambda Developer Guide, "Invoking Lambda function URLs" and "Response streaming".
 */
export async function openFunctionUrl(api: RuntimeApi, sourceIp: string): Promise<FunctionUrl> {
  const server = createServer((request, response) => {
    answer(api, sourceIp, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function answer(api: RuntimeApi, ip: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request)
  if (body.length > largestRequest) return void response.writeHead(413).end()
  const posted = await api.invoke(eventOf(request, body, ip))
  if (posted.kind === 'stream') await relay(posted, response)
  else if (posted.kind === 'buffered') send(posted.payload as LambdaAnswer, response)
  else response.writeHead(502, { 'content-type': 'application/json' }).end('{"message":"Internal Server Error"}')
}

export function eventOf(
  { method = 'GET', url = '/', headers }: IncomingMessage,
  body: Buffer,
  ip: string,
): LambdaEvent {
  const [rawPath = '/', rawQueryString = ''] = url.split(/\?(.*)/s)
  const { cookie, ...others } = headers
  const asText = textual.test(headers['content-type'] ?? 'text/plain')
  return {
    version: '2.0',
    rawPath,
    rawQueryString,
    ...{ queryStringParameters: Object.fromEntries(new URLSearchParams(rawQueryString)) },
    headers: Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])),
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    requestContext: { http: { method, sourceIp: ip } },
    isBase64Encoded: !asText,
    ...(body.length === 0 ? {} : { body: body.toString(asText ? 'utf8' : 'base64') }),
  }
}

function send({ statusCode, headers, cookies = [], body, isBase64Encoded }: LambdaAnswer, response: ServerResponse) {
  const bytes = Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8')
  begin({ statusCode, headers, cookies }, response)
  response.end(bytes)
}

function begin(
  { statusCode, headers, cookies }: Pick<LambdaAnswer, 'statusCode' | 'headers' | 'cookies'>,
  to: ServerResponse,
) {
  to.writeHead(statusCode, {
    ...headers,
    ...((cookies?.length ?? 0) === 0 ? {} : { 'set-cookie': [...(cookies ?? [])] }),
  })
}

/** Status and headers are the JSON before eight NUL bytes; without them an answer is 200 and bytes. */
async function relay(
  { contentType, body }: Posted & { readonly kind: 'stream' },
  response: ServerResponse,
): Promise<void> {
  let head: Buffer | undefined = contentType === metadataType ? Buffer.alloc(0) : undefined
  if (head === undefined) response.writeHead(200, { 'content-type': contentType })
  for await (const chunk of body) {
    if (head === undefined) {
      response.write(chunk)
      continue
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf(delimiter)
    if (end === -1) continue
    begin(JSON.parse(head.subarray(0, end).toString()), response)
    response.flushHeaders()
    const rest = head.subarray(end + delimiter.length)
    if (rest.length > 0) response.write(rest)
    head = undefined
  }
  if (head === undefined) response.end()
  // The function said that status and headers come, and sent none.
  else response.writeHead(200).end()
}
