import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { Provider } from '../../core/providers/provider.ts'
import { type Answered, channels, type StepEnded } from '../../core/telemetry/channels.ts'
import type { RequestTime } from '../../core/telemetry/request-time.ts'

/** All that a span may say beside its name and its times. Source: OpenTelemetry's semantic conventions for HTTP. */
interface Attributes {
  readonly 'http.request.method'?: string
  readonly 'http.route'?: string
  readonly 'http.response.status_code'?: number
  readonly 'url.scheme'?: string
  readonly 'oort.request_id'?: string
  readonly 'oort.provider'?: Provider
}

/** A request's trace, from its first step on. */
interface Trace {
  readonly span: Span
  /** The request's span as the parent of others. */
  readonly within: Context
  /** Milliseconds since 1970 of a moment of `performance.now()`. */
  at(moment: number): number
}

/**
 * Makes one span of each request, `METHOD /pattern`, and one below it for each of its steps: `authentication`, `commit`,
 * `upstream` and, below that, `upstream first byte`. `scheme` is that of the address people use. Answers how to stop.
 */
export function traceRequests(tracer: Tracer, scheme: string): () => void {
  const traces = new WeakMap<RequestTime, Trace>()

  const traceOf = (request: RequestTime): Trace => {
    const found = traces.get(request)
    if (found !== undefined) return found
    // The two clocks are compared anew for each request: over weeks they drift apart.
    const epoch = Date.now() - performance.now()
    const at = (moment: number) => epoch + moment
    const span = tracer.startSpan('request', { kind: SpanKind.SERVER, startTime: at(request.began) }, ROOT_CONTEXT)
    const made = { span, within: trace.setSpanContext(ROOT_CONTEXT, span.spanContext()), at }
    traces.set(request, made)
    return made
  }

  const onAnswered = ({ request, id, method, route, status, total }: Answered): void => {
    const { span, at } = traceOf(request)
    const attributes: Attributes = {
      'http.request.method': method,
      ...(route === undefined ? {} : { 'http.route': route }),
      'http.response.status_code': status,
      'url.scheme': scheme,
      'oort.request_id': id,
    }
    span.updateName(route === undefined ? method : `${method} ${route}`).setAttributes({ ...attributes })
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(at(request.began + total * 1_000))
  }

  const onStepEnded = (ended: StepEnded): void => {
    const { within, at } = traceOf(ended.request)
    const startTime = at(ended.began)
    if (ended.step !== 'upstream') {
      tracer.startSpan(ended.step, { startTime }, within).end(at(ended.ended))
      return
    }
    const attributes: Attributes = { 'oort.provider': ended.provider }
    const options = { kind: SpanKind.CLIENT, startTime, attributes: { ...attributes } }
    const span = tracer.startSpan('upstream', options, within)
    if (ended.answered === undefined) span.setStatus({ code: SpanStatusCode.ERROR })
    else {
      const below = trace.setSpan(within, span)
      tracer.startSpan('upstream first byte', { startTime }, below).end(at(ended.answered))
    }
    span.end(at(ended.ended))
  }

  const listening = [channels.answered.listen(onAnswered), channels.stepEnded.listen(onStepEnded)]
  return () => {
    for (const stop of listening) stop()
  }
}
