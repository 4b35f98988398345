import type { RunDetail } from './run-record.ts'

export interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

export interface Parameters {
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
}

/** What is asked, whichever model answers. */
export interface Question {
  readonly system: string | undefined
  /** The last one is the user's: the prompt. Those before it are a conversation. */
  readonly messages: readonly Message[]
  readonly parameters: Parameters
}

/** As POST /api/runs and /api/runs/compare take it. */
export function bodyOf({ system, messages, parameters }: Question): object {
  const [only, ...rest] = messages
  return {
    ...(rest.length === 0 ? { prompt: only?.content } : { messages }),
    ...(system === undefined ? {} : { system }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
  }
}

/**
 * Reads what a run was asked, in the form of any of the endpoints. Undefined for what the playground cannot ask again:
 * images, tools, an answer that was begun for the model.
 */
export function questionOf({ endpoint, prompt }: Pick<RunDetail, 'endpoint' | 'prompt'>): Question | undefined {
  const asked = JSON.parse(prompt) as Readonly<Record<string, unknown>>
  const given = Array.isArray(asked['messages']) ? asked['messages'].map(messageOf) : []
  const systems = given.filter((message) => message?.role === 'system').map((message) => message?.content)
  const system = [textOf(asked['system']), ...systems].filter((text) => text !== undefined && text !== '').join('\n\n')
  const said = given.filter((message) => message?.role !== 'system')
  const last = said.at(-1)
  if (last?.role !== 'user' || said.includes(undefined) || asked['tools'] !== undefined) return undefined
  return {
    system: system === '' ? undefined : system,
    messages: said as readonly Message[],
    parameters: parametersOf(endpoint === 'runs' ? asked['parameters'] : asked),
  }
}

/** The prompt itself. */
export function promptOf({ messages }: Question): string {
  return messages.at(-1)?.content ?? ''
}

interface AnyMessage {
  readonly role: 'user' | 'assistant' | 'system'
  readonly content: string
}

/** Undefined for a message that is not of text alone. */
function messageOf(message: unknown): AnyMessage | undefined {
  const { role, content } = message as { readonly role?: unknown; readonly content?: unknown }
  const text = textOf(content)
  if (text === undefined) return undefined
  if (role === 'system' || role === 'developer') return { role: 'system', content: text }
  return role === 'user' || role === 'assistant' ? { role, content: text } : undefined
}

/** The text of a content, which is a string or a list of parts; undefined where a part is anything else. */
function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return undefined
  const parts = content as readonly { readonly type?: unknown; readonly text?: unknown }[]
  if (!parts.every(({ type, text }) => type === 'text' && typeof text === 'string')) return undefined
  return parts.map(({ text }) => String(text)).join('')
}

function parametersOf(given: unknown): Parameters {
  const all = (given ?? {}) as Readonly<Record<string, unknown>>
  const first = (...names: readonly string[]) =>
    names.map((name) => all[name]).find((value): value is number => typeof value === 'number')
  const maxTokens = first('maxTokens', 'max_completion_tokens', 'max_tokens')
  const temperature = first('temperature')
  const topP = first('topP', 'top_p')
  return {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
  }
}
