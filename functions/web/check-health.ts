import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'

/** Answers while the process serves requests. Tells nothing else: it is open to anyone. */
export function checkHealth(): Operation {
  return operation({
    method: 'GET',
    url: '/healthz',
    access: 'public',
    summary: 'Whether the server answers',
    schema: { response: { 200: z.object({ status: z.literal('ok') }) } },
    async handle(_call, reply) {
      return reply(200, { status: 'ok' })
    },
  })
}
