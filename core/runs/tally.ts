import type { Answer, StreamEvent, Usage } from '../providers/provider.ts'
import { createKeptText } from './kept-text.ts'

/** What is known of an answer when its run ends, whole or not. */
export interface Account {
  readonly output: string | null
  readonly usage: Usage
  /** At least one figure of `usage` is ours. */
  readonly usageEstimated: boolean
  readonly finishReason: string | null
}

/** Reads along with one answer and keeps what history wants of it. */
export interface Tally {
  take(events: readonly StreamEvent[]): void
  takeWhole(answer: Answer): void
  /** Says that the provider has begun to answer: from here on there is something to be billed. */
  begin(): void
  account(): Account
}

/**
 * The providers' words for why an answer ended. They are kept as they are, unsealed, so that any other word, which can
 * be whatever a provider was sent, is left out.
 */
const finishReasons: ReadonlySet<string> = new Set([
  'stop',
  'length',
  'tool_calls',
  'function_call',
  'content_filter',
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
])

/** Rule of thumb for English text in the tokenizers of all three providers. */
const bytesPerToken = 4

/**
 * Where the provider's own count did not arrive (the caller left, the stream broke off, or the caller's request did
 * not ask for it), a token is taken to be four bytes of UTF-8 text, rounded up. Images and tool calls are not counted
 * then. A count that arrived before the end is too low, so the greater figure stands.
 */
export function createTally(promptBytes: number): Tally {
  const kept = createKeptText()
  let told: Usage = { inputTokens: null, outputTokens: null }
  let finishReason: string | null = null
  let begun = false
  let whole = false

  const estimate = (bytes: number) => Math.ceil(bytes / bytesPerToken)
  const finish = (reason: string | null): void => {
    if (reason !== null && finishReasons.has(reason)) finishReason = reason
  }

  return {
    take(events) {
      for (const event of events) {
        if (event.type === 'text') kept.add(event.text)
        else if (event.type === 'usage') told = event.usage
        else if (event.type === 'finish') finish(event.reason)
        else if (event.type === 'done') whole = true
      }
    },
    takeWhole(answer) {
      kept.add(answer.text)
      told = answer.usage
      finish(answer.finishReason)
      whole = true
    },
    begin() {
      begun = true
    },
    account() {
      if (!begun) return { output: null, usage: told, usageEstimated: false, finishReason }
      const { inputTokens, outputTokens } = told
      const final = whole && outputTokens !== null
      return {
        output: kept.text(),
        usage: {
          inputTokens: inputTokens ?? estimate(promptBytes),
          outputTokens: final ? outputTokens : Math.max(outputTokens ?? 0, estimate(kept.byteLength)),
        },
        usageEstimated: !final || inputTokens === null,
        finishReason,
      }
    },
  }
}
