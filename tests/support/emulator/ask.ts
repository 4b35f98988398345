import * as z from 'zod'
import type { Endpoint, Provider } from '../../../core/providers/provider.ts'

/** A generation request, whichever format it came in, and the reply that it will get. */
export interface Ask {
  readonly provider: Provider
  readonly endpoint: Endpoint
  readonly model: string
  readonly stream: boolean
  readonly includeUsage: boolean
  readonly inputTokens: number
  readonly reply: Reply
}

export type Reply =
  | { readonly type: 'text'; readonly tokens: readonly string[]; readonly cut: boolean }
  | { readonly type: 'tool'; readonly name: string; readonly input: string; readonly tokens: readonly string[] }

const part = z.looseObject({ type: z.string(), text: z.string().optional() })
const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(part), z.null()]).optional(),
})
const parameters = z.looseObject({ properties: z.record(z.string(), z.looseObject({ type: z.unknown() })).optional() })

/** Both formats at once: where they name a thing differently, both names are here. */
const body = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  system: z.union([z.string(), z.array(part)]).optional(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  tools: z
    .array(
      z.looseObject({
        name: z.string().optional(),
        input_schema: parameters.optional(),
        function: z.looseObject({ name: z.string(), parameters: parameters.optional() }).optional(),
      }),
    )
    .nullish(),
  tool_choice: z.unknown().optional(),
})
type Body = z.infer<typeof body>

/** What a request lacks, in a provider's words. */
export class AskRefused extends Error {
  override readonly name = 'AskRefused'
}

export function tokensOf(text: string): readonly string[] {
  return text.match(/\s*\S+/g) ?? []
}

/** Reads a request as strictly as the provider does in the points that clients get wrong. Throws AskRefused. */
export function readAsk(provider: Provider, endpoint: Endpoint, json: unknown): Ask {
  const parsed = body.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new AskRefused(`${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid'}`)
  }
  const asked = parsed.data
  if (endpoint === 'messages' && typeof asked.max_tokens !== 'number') {
    throw new AskRefused('max_tokens: Field required')
  }
  if (provider === 'openai' && typeof asked.max_tokens === 'number' && /^(o\d|gpt-[5-9])/.test(asked.model)) {
    throw new AskRefused(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    )
  }
  const system = asked.system === undefined ? '' : textOf(asked.system)
  return {
    provider,
    endpoint,
    model: asked.model,
    stream: asked.stream === true,
    includeUsage: asked.stream_options?.include_usage === true,
    inputTokens: [system, ...asked.messages.map(({ content }) => textOf(content))].flatMap(tokensOf).length,
    reply: replyTo(asked),
  }
}

/** Calls the first tool, once; else repeats the last message. The same request gets the same reply. */
function replyTo(asked: Body): Reply {
  const last = asked.messages.at(-1)
  const [tool] = asked.tools ?? []
  const answered = last?.role === 'tool' || partsOf(last?.content).some(({ type }) => type === 'tool_result')
  if (tool !== undefined && !answered && asked.tool_choice !== 'none') {
    const schema = tool.input_schema ?? tool.function?.parameters
    const input = JSON.stringify(inputFor(schema?.properties ?? {}))
    return {
      type: 'tool',
      name: tool.name ?? tool.function?.name ?? 'tool',
      input,
      tokens: input.match(/.{1,6}/gs) ?? [],
    }
  }
  const images = partsOf(last?.content).filter(({ type }) => type === 'image' || type === 'image_url').length
  const seen = images === 0 ? '' : ` (and sent ${images} image${images === 1 ? '' : 's'})`
  const tokens = tokensOf(`You said: ${textOf(last?.content)}${seen}`)
  const limit = asked.max_completion_tokens ?? asked.max_tokens ?? tokens.length
  return { type: 'text', tokens: tokens.slice(0, limit), cut: tokens.length > limit }
}

function partsOf(content: Body['messages'][number]['content']): readonly z.infer<typeof part>[] {
  return Array.isArray(content) ? content : []
}

function textOf(content: Body['messages'][number]['content']): string {
  if (typeof content === 'string') return content
  return partsOf(content)
    .map(({ text }) => text ?? '')
    .join('')
}

function inputFor(properties: Readonly<Record<string, { readonly type: unknown }>>): Record<string, unknown> {
  const samples: Readonly<Record<string, unknown>> = {
    string: 'Hamburg',
    number: 1,
    integer: 1,
    boolean: true,
    array: [],
  }
  return Object.fromEntries(
    Object.entries(properties).map(([name, { type }]) => [
      name,
      typeof type === 'string' ? (samples[type] ?? {}) : null,
    ]),
  )
}
