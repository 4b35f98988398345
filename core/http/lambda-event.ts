import * as z from 'zod'

/**
 * The members that we read of an event of API Gateway's HTTP APIs (payload format 2.0) and of function URLs, which
 * have the same form. Source: AWS Lambda Developer Guide, "Request payload format".
 */
const lambdaEvent = z.object({
  version: z.literal('2.0'),
  rawPath: z.string().startsWith('/'),
  rawQueryString: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  cookies: z.array(z.string()).optional(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({ http: z.object({ method: z.string(), sourceIp: z.string() }) }),
})

export type LambdaEvent = z.input<typeof lambdaEvent>

/** A buffered answer. Source: the same guide, "Response payload format". */
export interface LambdaAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded?: boolean
  readonly cookies?: readonly string[]
}

/**
 * The event as the adapter shall see it: the query as the caller wrote it, since the gateway joins repeated members
 * with commas, and nothing else than what the schema names. Throws ZodError for an event of another form.
 */
export function readEvent(event: unknown): z.output<typeof lambdaEvent> {
  const read = lambdaEvent.parse(event)
  return { ...read, rawPath: read.rawQueryString === '' ? read.rawPath : `${read.rawPath}?${read.rawQueryString}` }
}
