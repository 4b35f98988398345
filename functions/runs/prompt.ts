import * as z from 'zod'
import { idOf } from '../../core/ids.ts'
import { beginsLikeKey } from '../../core/keys/looks-like-key.ts'
import { adapterOf } from '../../core/providers/adapters.ts'
import type { Prompt } from '../../core/providers/provider.ts'
import { type RunOrder, routeOf } from '../../core/runs/run-order.ts'

/** The name of a model, which is kept unsealed with the run: a key pasted here by mistake must not be. */
export const modelName = z
  .string()
  .min(1)
  .max(255)
  .refine((name) => !beginsLikeKey(name), 'This looks like a key, and names of models are not kept secret')

const text = z.string().min(1)
const message = z.strictObject({ role: z.enum(['user', 'assistant']), content: text })

/** What is asked, whoever is asked: either `prompt`, or `messages` of a conversation. */
const question = {
  prompt: text.optional(),
  messages: z.array(message).min(1).max(1_000).optional(),
  system: text.optional(),
  parameters: z
    .strictObject({
      maxTokens: z.int().min(1).max(1_000_000).optional(),
      temperature: z.number().min(0).max(2).optional(),
      topP: z.number().min(0).max(1).optional(),
    })
    .optional(),
}

/** Goes on when its caller leaves, who finds it again by GET /api/runs/:runId/events. Without it, leaving ends a run. */
const keepRunning = z.boolean().default(false)

const isOneQuestion = (asked: { readonly prompt?: unknown; readonly messages?: unknown }): boolean =>
  (asked.prompt === undefined) !== (asked.messages === undefined)
const notOneQuestion = { message: 'Send either prompt or messages', path: ['prompt'] }

export const singleRun = z
  .strictObject({
    model: modelName,
    ...question,
    providerKeyId: idOf('providerKey').optional(),
    stream: z.boolean().default(true),
    keepRunning,
  })
  .refine(isOneQuestion, notOneQuestion)

export const comparison = z
  .strictObject({
    models: z
      .array(modelName)
      .min(2)
      .max(4)
      .refine((models) => new Set(models).size === models.length, 'Name each model once'),
    keepRunning,
    ...question,
  })
  .refine(isOneQuestion, notOneQuestion)

type Question = Omit<z.output<typeof singleRun>, 'model' | 'stream' | 'keepRunning' | 'providerKeyId'>

/** The order for one model. Throws MODEL_UNKNOWN. */
export function orderOf(name: string, question: Question, stream: boolean): RunOrder {
  const route = routeOf(name)
  const { system, parameters = {} } = question
  const messages = question.messages ?? [{ role: 'user' as const, content: question.prompt ?? '' }]
  const { maxTokens, temperature, topP } = parameters
  const prompt: Prompt = {
    model: route.model,
    messages,
    stream,
    ...(system === undefined ? {} : { system }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
  }
  return {
    ...route,
    door: 'runs',
    prompt: JSON.stringify({ system, messages, parameters: question.parameters }),
    text: [...messages.map(({ content }) => content), ...(system === undefined ? [] : [system])].join('\n'),
    request: (key) => adapterOf(route.provider).promptRequest(prompt, key),
  }
}
