import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { providers } from '../../core/providers/provider.ts'
import { modelsOf } from './models-of.ts'

const price = z.object({ input: z.int(), output: z.int() })

/** Models that the user can choose from. Any other of a provider is reached as `provider/model`. */
export function listModels(): Operation {
  return operation({
    method: 'GET',
    url: '/api/models',
    access: 'models:read',
    summary: 'List the models that your keys can reach',
    schema: {
      response: {
        200: z.object({
          models: z.array(
            z.object({
              id: z.string(),
              provider: z.enum(providers),
              /** List prices in micro-USD per million tokens; null where they are not known. */
              price: price.nullable(),
            }),
          ),
        }),
      },
    },
    async handle({ scope }, reply) {
      return reply(200, { models: [...(await modelsOf(scope))] })
    },
  })
}
