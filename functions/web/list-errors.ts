import * as z from 'zod'
import { catalogue } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'

/** Every code that a problem document can carry. Their `type` points here, with the code as fragment. */
export function listErrors(): Operation {
  const explained = z.object({ status: z.int(), title: z.string() })
  return operation({
    method: 'GET',
    url: '/errors',
    access: 'public',
    summary: 'List the error codes',
    schema: { response: { 200: z.record(z.string(), explained) } },
    async handle(_call, reply) {
      return reply(200, catalogue)
    },
  })
}
