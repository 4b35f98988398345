import * as z from 'zod'
import { minute } from '../../core/clock.ts'
import { OortError } from '../../core/errors.ts'
import { bytes, type Operation, operation } from '../../core/http/operation.ts'
import { adapterOf } from '../../core/providers/adapters.ts'
import type { Endpoint } from '../../core/providers/provider.ts'
import { renameModel } from '../../core/providers/rename-model.ts'
import { longestAnswer } from '../../core/providers/upstream.ts'
import { type Executor, runIdHeader } from '../../core/runs/executor.ts'
import { type RunOrder, routeOf } from '../../core/runs/run-order.ts'
import { callerOf } from './caller-of.ts'
import { modelName } from './prompt.ts'
import { renderPassThrough } from './render-pass-through.ts'
import { textInMessages } from './text-in-messages.ts'
import { workOf } from './work-of.ts'

/** What we must know of a request in a provider's language. The rest is between the caller and the provider. */
const request = z.looseObject({
  model: modelName,
  messages: z.array(z.unknown()).min(1),
  system: z.unknown().optional(),
  stream: z.boolean().nullish(),
})

/** The provider's own answer, which is not ours to shape. */
const answer = z.unknown()

interface Door {
  readonly url: string
  readonly endpoint: Endpoint
  readonly summary: string
}

/**
 * An address that speaks a provider's language, so that its official client works with another base URL and an API key
 * of ours. Request and answer pass as the bytes they are; only a `provider/` before the model's name is taken off.
 * Errors are problems (RFC 9457) with an `error` member, under the provider's status where it refused the request:
 * what the clients turn into their typed errors.
 */
export function forwardRequest(executor: Executor, { url, endpoint, summary }: Door): Operation {
  return operation({
    method: 'POST',
    url,
    access: 'runs:create',
    summary,
    idempotent: true,
    // Images are sent in the body.
    bodyLimit: 8 * 1_024 * 1_024,
    patience: longestAnswer + minute,
    schema: { body: request, response: { 200: answer } },
    async handle(call) {
      // Not the whole call, which a stream would then hold to its end.
      const { id, body, rawBody, headers } = call
      const route = routeOf(body.model, endpoint)
      const passed = route.model === body.model ? rawBody : renameModel(rawBody, route.model)
      const order: RunOrder = {
        ...route,
        door: endpoint,
        prompt: rawBody.toString('utf8'),
        text: textInMessages(body),
        request: (key) => adapterOf(route.provider).passThroughRequest(endpoint, passed, key, headers),
      }
      const [execution] = await executor.start(callerOf(call), [order])
      if (execution === undefined) throw new RangeError('one order, no run')
      const named = { [runIdHeader]: execution.run.id }
      try {
        if (body.stream === true) {
          const sent = await execution.stream(() => renderPassThrough(endpoint, id))
          return bytes(200, sent.contentType, sent.body, named, workOf([execution]))
        }
        const sent = await execution.answer()
        return bytes(200, sent.contentType, sent.bytes, named)
      } catch (error) {
        throw asTheProviderSaidIt(error)
      }
    },
  })
}

/**
 * Under the provider's own status for requests that it refused. Its failures stay ours to answer for: 502, 504. What took
 * too long is billed perhaps, and the providers' clients are told not to send it again by themselves.
 */
function asTheProviderSaidIt(error: unknown): unknown {
  if (!(error instanceof OortError)) return error
  if (error.code === 'PROVIDER_TIMEOUT') {
    const headers = { ...error.facts.headers, 'x-should-retry': 'false' }
    return new OortError(error.code, { ...error.facts, headers }, error.cause)
  }
  const { providerStatus: status } = error.facts
  if (status === undefined || status < 400 || status >= 500) return error
  return new OortError(error.code, { ...error.facts, status }, error.cause)
}
