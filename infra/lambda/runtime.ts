import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describeError } from '../../core/describe-error.ts'
import type { LambdaHandler, StreamingHandler } from '../../core/http/lambda.ts'
import { AnswerStream } from './runtime/answer-stream.ts'
import { openRuntimeApi, type RuntimeApi } from './runtime/runtime-api.ts'

// The runtime of a function whose Node is our own (`provided.al2023`): loads the handler once, then asks for one
// invocation after the other. It offers handlers what AWS's managed runtime offers them, `awslambda` included.
// Source: AWS Lambda Developer Guide, "Building a custom runtime" and "Using the Lambda runtime API".

const streaming = new WeakSet<object>()

globalThis.awslambda = {
  streamifyResponse(handler) {
    streaming.add(handler)
    return handler
  },
  HttpResponseStream: {
    // Status and headers go before the body as JSON, ended by eight NUL bytes. Source: the guide, "Response streaming".
    from(to, metadata) {
      if (to instanceof AnswerStream) to.contentType = 'application/vnd.awslambda.http-integration-response'
      to.write(Buffer.concat([Buffer.from(JSON.stringify(metadata)), Buffer.alloc(8)]))
      return to
    },
  },
}

const api = openRuntimeApi(setting('AWS_LAMBDA_RUNTIME_API'))
const handler = await loadHandler()
for (;;) await serveNext(api, handler)

/** A handler that cannot be loaded ends the environment: Lambda makes another. */
async function loadHandler(): Promise<LambdaHandler | StreamingHandler> {
  try {
    const [file = '', name = ''] = setting('_HANDLER').split('.')
    const module = await import(pathToFileURL(join(setting('LAMBDA_TASK_ROOT'), `${file}.js`)).href)
    if (typeof module[name] !== 'function') throw new TypeError(`${file}.js exports no function ${name}`)
    return module[name]
  } catch (error) {
    tell(error)
    await api.refuseStart(error)
    process.exit(1)
  }
}

async function serveNext(runtime: RuntimeApi, handle: LambdaHandler | StreamingHandler): Promise<void> {
  const { id, event, context, trace } = await runtime.next()
  // Where the tracing of AWS looks for it; there is one invocation at a time.
  if (trace !== undefined) process.env['_X_AMZN_TRACE_ID'] = trace
  if (!streaming.has(handle)) {
    const answer = await (handle as LambdaHandler)(event, context).catch((error: unknown) => ({ error }))
    if (!('error' in answer)) return await runtime.answer(id, answer)
    tell(answer.error)
    return await runtime.fail(id, answer.error)
  }
  const to = new AnswerStream(runtime, id)
  try {
    await (handle as StreamingHandler)(event, to, context)
    if (!to.writableEnded) to.end()
  } catch (error) {
    tell(error)
    to.destroy(error instanceof Error ? error : new Error('thrown'))
  }
  await to.settled
}

/** For CloudWatch, as every log of ours: no message of a foreign error, which can quote what a person sent. */
function tell(error: unknown): void {
  process.stderr.write(`${JSON.stringify({ level: 50, msg: 'invocation failed', err: describeError(error) })}\n`)
}

function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: this runs on AWS Lambda`)
  return value
}
