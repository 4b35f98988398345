import type { ErrorCode, OortError } from '../errors.ts'

export const providers = ['openai', 'anthropic', 'cerebras'] as const
export type Provider = (typeof providers)[number]

/**
 * The two wire formats: OpenAI's Chat Completions, which all three providers speak, and Anthropic's Messages,
 * which only Anthropic does.
 */
export type Endpoint = 'chat.completions' | 'messages'

/** A prompt in our own words, independent of any provider. */
export interface Prompt {
  /** The provider's own name for the model, without our `provider/` prefix. */
  readonly model: string
  readonly system?: string
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[]
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly stream: boolean
}

/**
 * A request that is ready to be sent. It names the provider whose key its headers carry, and `Upstream.send` takes
 * the origin from that name alone: a key cannot be paired with another provider's host.
 */
export interface UpstreamRequest {
  readonly provider: Provider
  readonly method: 'GET' | 'POST'
  /** Begins with a single slash. */
  readonly path: string
  /** The key is here and nowhere else. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Tokens as the provider counts them; null where it has not told. Cached input counts as input. */
export interface Usage {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
}

export interface Answer {
  readonly text: string
  readonly usage: Usage
  /** In the provider's own words: `stop`, `length`, `end_turn`, `tool_use` … */
  readonly finishReason: string | null
  /** The exact model that answered, which may be more precise than the one asked for. */
  readonly model: string | null
}

export type StreamEvent =
  | { readonly type: 'model'; readonly model: string }
  | { readonly type: 'text'; readonly text: string }
  /** Counts so far; each replaces the one before. */
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly reason: string }
  /** The answer failed after it had begun. The last event. */
  | { readonly type: 'error'; readonly code: ErrorCode; readonly detail: string }
  /** The answer is whole. The last event. */
  | { readonly type: 'done' }

/**
 * Reads along with a stream whose bytes go elsewhere. It keeps at most one unfinished event, never the text, and
 * throws for no input: what it cannot read becomes an `error` event. After `error` or `done` it stays silent.
 */
export interface StreamFollower {
  push(bytes: Uint8Array): readonly StreamEvent[]
  /** The bytes have ended. Without the provider's own end marker before it, that is an error: the answer was cut. */
  end(): readonly StreamEvent[]
}

/** Header values of the caller's request, as node:http gives them. */
export type CallerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** How we speak with one provider. Pure: it builds and reads messages and sends none. */
export interface ProviderAdapter {
  readonly provider: Provider
  /** The endpoint that `promptRequest` uses. */
  readonly endpoint: Endpoint
  /** The endpoints that `passThroughRequest` accepts. */
  readonly endpoints: readonly Endpoint[]

  /** The request for a run of our own. */
  promptRequest(prompt: Prompt, key: string): UpstreamRequest

  /**
   * The request for a caller who speaks the provider's language: `body` goes out as the very bytes given. Of the
   * caller's headers only those pass that choose an API version or a beta feature.
   * Throws PROVIDER_REQUEST_REFUSED for an endpoint that the provider does not have.
   */
  passThroughRequest(endpoint: Endpoint, body: Uint8Array, key: string, headers: CallerHeaders): UpstreamRequest

  /** The cheapest request that tells whether a key is valid. */
  modelsRequest(key: string): UpstreamRequest
  /** Throws PROVIDER_RESPONSE_INVALID. */
  readModels(json: unknown): readonly { readonly id: string }[]

  /** Reads a whole answer of the endpoint (by default that of `promptRequest`). Throws PROVIDER_RESPONSE_INVALID. */
  readAnswer(json: unknown, endpoint?: Endpoint): Answer

  /** Follows a streamed answer of the endpoint (by default that of `promptRequest`). */
  followStream(endpoint?: Endpoint): StreamFollower

  /**
   * Turns an answer with a status outside 2xx into an error of our catalogue. Nothing of the body is repeated:
   * providers quote keys and prompts in their messages.
   */
  readError(status: number, body: Uint8Array, headers?: CallerHeaders): OortError

  /** Whether the text has the shape of this provider's keys. Says nothing about validity. */
  isPlausibleKey(text: string): boolean
}
