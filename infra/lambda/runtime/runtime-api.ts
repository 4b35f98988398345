import { Agent, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { systemClock } from '../../../core/clock.ts'
import { describeError } from '../../../core/describe-error.ts'
import type { LambdaHandler } from '../../../core/http/lambda.ts'

export interface Invocation {
  readonly id: string
  readonly event: unknown
  readonly context: Parameters<LambdaHandler>[1]
  /** X-Ray's header, where tracing is on. */
  readonly trace: string | undefined
}

/** The answer to an invocation that is being sent. */
export interface Sending {
  readonly request: ClientRequest
  /** Answers when Lambda has taken all of it. */
  readonly taken: Promise<void>
}

/**
 * The Runtime API of an execution environment, which serves one invocation at a time. Each call rejects when the
 * environment does not take it, which is the end of this process. Source: AWS Lambda Developer Guide, "Using the Lambda
 * runtime API for custom runtimes", version 2018-06-01.
 */
export interface RuntimeApi {
  /** Answers when there is something to do: the environment may be frozen in between. */
  next(): Promise<Invocation>
  answer(id: string, value: unknown): Promise<void>
  /** Begins an answer that is written piece by piece. */
  stream(id: string, contentType: string): Sending
  fail(id: string, error: unknown): Promise<void>
  refuseStart(error: unknown): Promise<void>
}

export const errorTypeHeader = 'Lambda-Runtime-Function-Error-Type'
export const errorBodyHeader = 'Lambda-Runtime-Function-Error-Body'

/** `address` is that of `AWS_LAMBDA_RUNTIME_API`: host and port. */
export function openRuntimeApi(address: string): RuntimeApi {
  const agent = new Agent({ keepAlive: true })
  const invocation = '/2018-06-01/runtime/invocation'

  function send(method: string, path: string, headers: OutgoingHttpHeaders = {}) {
    const sent = request(`http://${address}${path}`, { method, headers, agent })
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve)
      sent.on('error', reject)
    })
    return { sent, answered }
  }

  async function post(path: string, body: string, headers: OutgoingHttpHeaders = {}): Promise<void> {
    const type = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const { sent, answered } = send('POST', path, { ...type, ...headers })
    sent.end(body)
    await taken(await answered)
  }

  function refuse(path: string, error: unknown): Promise<void> {
    const failure = failureOf(error)
    return post(path, JSON.stringify(failure), { [errorTypeHeader]: failure.errorType })
  }

  return {
    async next() {
      const { sent, answered } = send('GET', `${invocation}/next`)
      sent.end()
      const answer = await answered
      const event: unknown = JSON.parse(await text(answer))
      const header = (name: string) => answer.headers[`lambda-runtime-${name}`]?.toString()
      const id = header('aws-request-id') ?? ''
      const deadline = Number(header('deadline-ms'))
      const context = {
        callbackWaitsForEmptyEventLoop: false,
        awsRequestId: id,
        invokedFunctionArn: header('invoked-function-arn') ?? '',
        getRemainingTimeInMillis: () => deadline - systemClock(),
      }
      return { id, event, context: context as unknown as Invocation['context'], trace: header('trace-id') }
    },
    answer: (id, value) => post(`${invocation}/${id}/response`, JSON.stringify(value)),
    stream(id, contentType) {
      const { sent, answered } = send('POST', `${invocation}/${id}/response`, {
        'Lambda-Runtime-Function-Response-Mode': 'streaming',
        'Transfer-Encoding': 'chunked',
        'Content-Type': contentType,
        Trailer: [errorTypeHeader, errorBodyHeader],
      })
      return { request: sent, taken: answered.then(taken) }
    },
    fail: (id, error) => refuse(`${invocation}/${id}/error`, error),
    refuseStart: (error) => refuse('/2018-06-01/runtime/init/error', error),
  }
}

async function taken(answer: IncomingMessage): Promise<void> {
  const body = await text(answer)
  if (answer.statusCode !== 202) throw new Error(`the Runtime API answered ${answer.statusCode}: ${body.slice(0, 200)}`)
}

/** An error in the form that Lambda keeps, without what a foreign error's message may quote: see `describeError`. */
export function failureOf(error: unknown) {
  const { name, code, message, at = [] } = describeError(error)
  return { errorType: name, errorMessage: message ?? code ?? name, stackTrace: at }
}
