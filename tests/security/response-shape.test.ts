import { afterAll, expect, test } from 'vitest'
import * as z from 'zod'
import { operation } from '../../core/http/operation.ts'
import { toJsonSchema } from '../../core/http/schema-compilers.ts'
import { ask } from '../support/http.ts'
import { startOort } from '../support/oort.ts'
import { routesOf } from './route-table.ts'

const careless = { name: 'mine', ciphertext: 'c2VjcmV0', inner: { id: 1, hash: 'h' }, rows: [{ id: 1, iv: 'i' }] }
const shape = z.object({ name: z.string(), inner: z.object({ id: z.int() }), rows: z.array(z.object({ id: z.int() })) })

const oort = await startOort({
  extra: () => ({
    name: 'careless',
    operations: [
      operation({
        method: 'GET',
        url: '/test/careless',
        access: 'public',
        summary: 'Answer with whole rows',
        schema: { response: { 200: shape } },
        handle: async (_call, reply) => reply(200, careless),
      }),
    ],
  }),
})
afterAll(() => oort.close())

test('an answer has the members of its schema and no other', async () => {
  const { text } = await ask(oort.origin, { path: '/test/careless' })
  expect(JSON.parse(text)).toEqual({ name: 'mine', inner: { id: 1 }, rows: [{ id: 1 }] })
})

/**
 * Answers that are not shaped by a schema: a provider's own bytes, the description of this API, and what an event of
 * the audit log carries, which the types of core/audit/events.ts hold to ids, counts and words of a fixed set.
 */
const open = [
  'GET /api/admin/audit',
  'GET /api/auth/audit',
  'POST /api/runs/compare',
  'GET /api/runs/:runId/events',
  'POST /v1/chat/completions',
  'POST /v1/messages',
  'GET /api/openapi.json',
]

type Shape = Readonly<Record<string, unknown>>

/** Whether a value of this schema could have members that the schema does not name. */
function isOpen(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return schema === true
  if (Array.isArray(schema)) return schema.some(isOpen)
  const { type, anyOf, oneOf, allOf, items, properties, additionalProperties, enum: words, ...rest } = schema as Shape
  const alternatives = anyOf ?? oneOf ?? allOf
  if (type === undefined && alternatives === undefined && words === undefined && !('const' in rest)) return true
  const inside = [alternatives ?? [], items ?? [], Object.values(properties ?? {})].flat()
  if (type === 'object' && additionalProperties !== false) inside.push(additionalProperties ?? true)
  return inside.some(isOpen)
}

test('the answers of every route are closed', () => {
  const routes = routesOf(oort)
  const found = routes.filter(({ operation: { schema } }) =>
    Object.values(schema.response).some((each) => isOpen(toJsonSchema(each, 'output'))),
  )
  expect(found.map(({ name }) => name)).toEqual(open)
})
