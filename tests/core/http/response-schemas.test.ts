import Fastify from 'fastify'
import { afterAll, expect, test } from 'vitest'
import * as z from 'zod'
import { responseSchemas } from '../../../core/http/schema-compilers.ts'
import { everythingOn, routesOf } from '../../security/route-table.ts'
import { startOort } from '../../support/oort.ts'

const oort = await startOort({ env: everythingOn })
afterAll(() => oort.close())

test('no answer holds a union, which bundles could not write', () => {
  const unions = routesOf(oort)
    .filter(({ operation }) => /"(anyOf|oneOf|allOf|if)":/.test(JSON.stringify(responseSchemas(operation.schema))))
    .map(({ name }) => name)
  expect(unions).toEqual([])
})

test('what may be null or of two plain types is written as it is, and nothing that the schema does not name', async () => {
  const inner = z.object({ kind: z.enum(['a', 'b']).nullable(), pragma: z.union([z.string(), z.int()]) })
  const shape = z.object({ inner: inner.nullable(), times: z.array(z.int().nullable()) })
  const app = Fastify()
  let answer: unknown
  app.get('/', { schema: { response: responseSchemas({ response: { 200: shape } }) } }, async () => answer)
  for (const written of [
    { inner: null, times: [1, null] },
    { inner: { kind: null, pragma: 'wal' }, times: [] },
    { inner: { kind: 'a', pragma: 2 }, times: [null] },
  ]) {
    answer = { ...written, ciphertext: 'x', inner: written.inner && { ...written.inner, ciphertext: 'x' } }
    expect((await app.inject('/')).json()).toEqual(written)
  }
})
