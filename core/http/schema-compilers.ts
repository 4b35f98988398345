import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { OortError } from '../errors.ts'
import { isCleanText } from './json-body.ts'
import type { OperationSchema } from './operation.ts'

const pointers = { body: '', params: '/params', querystring: '/query', headers: '/headers' } as const

/** Lets Fastify validate with the zod schemas of an operation. A refusal names each place, never the value there. */
export function validateWithZod(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data: unknown) => {
    // Bodies were looked through when their bytes were read.
    if (httpPart !== 'body' && !isCleanText(data)) return { error: new OortError('TEXT_INVALID') }
    const parsed = schema.safeParse(data)
    if (parsed.success) return { value: parsed.data }
    const base = pointers[(httpPart ?? 'body') as keyof typeof pointers]
    return { error: new OortError('BODY_INVALID', { issues: issuesOf(parsed.error, base) }) }
  })
}

/**
 * The places and reasons of a refusal, as JSON Pointers (RFC 6901). The name of a member that we do not know is the
 * caller's text, and is not repeated.
 */
function issuesOf(error: z.ZodError, base = ''): { pointer: string; message: string }[] {
  return error.issues.slice(0, 20).map(({ code, path, message }) => ({
    pointer: base + path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message: code === 'unrecognized_keys' ? 'There is a member here that is not known' : message,
  }))
}

/**
 * The response schemas as JSON Schema, from which Fastify compiles one serialiser for each status: it writes the
 * members that the schema names and no other. They hold no union: to choose among its members the serialiser would
 * carry a validator, a fifth of each bundle, and compile it at every start. So null is told as `nullable` (OpenAPI 3.0)
 * and a choice of plain types as a list of types.
 */
export function responseSchemas(schema: OperationSchema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema.response).map(([status, shape]) => [
      status,
      z.toJSONSchema(shape, {
        io: 'output',
        target: 'openapi-3.0',
        unrepresentable: 'any',
        override: ({ jsonSchema }) => listPlainTypes(jsonSchema),
      }),
    ]),
  )
}

function listPlainTypes(json: { type?: unknown; anyOf?: readonly { readonly type?: unknown }[] }): void {
  const types = json.anyOf?.map(({ type }) => type)
  if (types === undefined || types.some((type) => typeof type !== 'string' || type === 'object' || type === 'array')) {
    return
  }
  json.type = types
  delete json.anyOf
}

export function toJsonSchema(shape: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(shape, { io, target: 'draft-7', unrepresentable: 'any' })
  return json
}
