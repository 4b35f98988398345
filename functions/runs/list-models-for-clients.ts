import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { modelsOf } from './models-of.ts'

/** We do not know when models were released. The epoch is what Anthropic's reference says to send then. */
const released = 0

const model = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  type: z.literal('model'),
  display_name: z.string(),
  created_at: z.string(),
})

/**
 * The same list as the providers' clients read it: one answer with the members of both wire formats.
 * Sources: OpenAI API reference, List models; Claude API reference, List models.
 */
export function listModelsForClients(): Operation {
  return operation({
    method: 'GET',
    url: '/v1/models',
    access: 'models:read',
    summary: 'List models, for the official clients',
    schema: {
      response: {
        200: z.object({
          object: z.literal('list'),
          data: z.array(model),
          has_more: z.literal(false),
          first_id: z.string().nullable(),
          last_id: z.string().nullable(),
        }),
      },
    },
    async handle({ scope }, reply) {
      const data = (await modelsOf(scope)).map(({ id, provider }) => ({
        id,
        object: 'model' as const,
        created: released,
        owned_by: provider,
        type: 'model' as const,
        display_name: id,
        created_at: new Date(released).toISOString(),
      }))
      const ends = { first_id: data.at(0)?.id ?? null, last_id: data.at(-1)?.id ?? null }
      return reply(200, { object: 'list', data, has_more: false, ...ends })
    },
  })
}
