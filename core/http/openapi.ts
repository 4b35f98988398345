import type * as z from 'zod'
import { catalogue } from '../errors.ts'
import { tokenScopes } from '../session/token-scopes.ts'
import { version } from '../version.ts'
import type { Access, Operation } from './operation.ts'
import { problemType } from './problem.ts'
import { toJsonSchema } from './schema-compilers.ts'

type Json = Readonly<Record<string, unknown>>

const problem: Json = {
  type: 'object',
  description: 'RFC 9457. The code is one of those that `GET /errors` lists.',
  required: ['type', 'title', 'status', 'code', 'requestId', 'error'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(catalogue) },
    detail: { type: 'string' },
    issues: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: { pointer: { type: 'string' }, message: { type: 'string' } },
      },
    },
    providerStatus: { type: 'integer' },
    requestId: { type: 'string' },
    error: {
      type: 'object',
      required: ['type', 'code', 'message'],
      properties: { type: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } },
    },
  },
}

/**
 * Describes operations for programs, from the very schemas that check their requests and shape their answers.
 * `publicUrl` is the address under which they are reached. Source: OpenAPI Specification 3.1.1.
 */
export function describeApi(operations: readonly Operation[], publicUrl: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operations) {
    const path = operation.url.replaceAll(/:([^/]+)/g, '{$1}')
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describeOperation(operation) }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Oort', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: publicUrl }],
    paths,
    components: {
      schemas: { Problem: problem },
      responses: { Problem: { description: 'Refused', content: { [problemType]: { schema: refTo('Problem') } } } },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-oort', description: 'A signed-in browser.' },
        bearer: { type: 'http', scheme: 'bearer', description: "An API key of ours, as OpenAI's clients send it." },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: "The same, as Anthropic's send it." },
      },
    },
  }
}

function describeOperation({ method, url, access, summary, schema, idempotent }: Operation): Json {
  const parameters = [
    ...parametersOf(schema.params, 'path'),
    ...parametersOf(schema.query, 'query'),
    ...(idempotent ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema: { type: 'string' } }] : []),
  ]
  return {
    operationId: `${method.toLowerCase()}${url.replaceAll(/[^a-z0-9]+(.)?/gi, (_, next = '') => next.toUpperCase())}`,
    summary,
    security: securityOf(access),
    ...(access === 'admin' ? { description: 'For administrators.' } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(schema.body === undefined
      ? {}
      : { requestBody: { required: true, content: contentOf(toJsonSchema(schema.body, 'input')) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(schema.response).map(([status, shape]) => [
          status,
          { description: summary, content: contentOf(toJsonSchema(shape, 'output')) },
        ]),
      ),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = toJsonSchema(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, shape]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: shape,
  }))
}

/** Alternatives: any one of them suffices. */
function securityOf(access: Access): readonly Json[] {
  if (access === 'public') return []
  if (access === 'session' || access === 'admin') return [{ session: [] }]
  return [{ session: [] }, ...['bearer', 'apiKey'].map((scheme) => ({ [scheme]: scopeNames(access) }))]
}

/** OpenAPI 3.1 lets every scheme name the roles that it takes. */
function scopeNames(access: Access): readonly string[] {
  return tokenScopes.filter((scope) => scope === access)
}

/** Text is sent as it is, everything else as JSON. */
function contentOf(schema: Json): Json {
  return { [schema['type'] === 'string' ? 'text/plain' : 'application/json']: { schema } }
}

function refTo(name: string): Json {
  return { $ref: `#/components/schemas/${name}` }
}
