import * as z from 'zod'
import { OortError } from '../../errors.ts'
import { isRecord, parseJson } from '../json.ts'
import type { Answer, CallerHeaders, Provider, StreamEvent } from '../provider.ts'
import { detailOf, meaningOfWords, providerError, type Vocabulary } from '../provider-error.ts'

const count = z.int().nonnegative()

/** Only what we read, so that a provider may add to its answers. */
const chatCompletion = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).nullish(),
})

const modelList = z.object({ data: z.array(z.object({ id: z.string().min(1).max(200) })) })

/** An answer that only calls tools has no text. Of several choices the first counts. */
export function readChatCompletion(json: unknown): Answer {
  const parsed = chatCompletion.safeParse(json)
  const choice = parsed.data?.choices[0]
  if (parsed.data === undefined || choice === undefined) throw new OortError('PROVIDER_RESPONSE_INVALID')
  const { model, usage } = parsed.data
  return {
    text: choice.message.content ?? choice.message.refusal ?? '',
    usage: { inputTokens: usage?.prompt_tokens ?? null, outputTokens: usage?.completion_tokens ?? null },
    finishReason: choice.finish_reason ?? null,
    model: model ?? null,
  }
}

export function readModelList(json: unknown): readonly { readonly id: string }[] {
  const parsed = modelList.safeParse(json)
  if (!parsed.success) throw new OortError('PROVIDER_RESPONSE_INVALID')
  return parsed.data.data.map(({ id }) => ({ id }))
}

/** `code` is more precise than `type` where both stand. OpenAI wraps them in `error`; Cerebras does not always. */
function wordsOf(error: Readonly<Record<string, unknown>>): readonly unknown[] {
  return [error['code'], error['type']]
}

export function readWireError(
  provider: Provider,
  vocabulary: Vocabulary,
  status: number,
  body: Uint8Array,
  headers?: CallerHeaders,
): OortError {
  const json = parseJson(new TextDecoder().decode(body))
  const outer = isRecord(json) ? json : {}
  const error = isRecord(outer['error']) ? outer['error'] : outer
  return providerError(provider, status, meaningOfWords(vocabulary, wordsOf(error), status), headers)
}

/** An error inside a stream. Without a status of its own it counts as a failure of the provider. */
export function readWireStreamError(
  provider: Provider,
  vocabulary: Vocabulary,
  error: Readonly<Record<string, unknown>>,
  status: unknown,
): StreamEvent {
  const meaning = meaningOfWords(vocabulary, wordsOf(error), typeof status === 'number' && status >= 400 ? status : 500)
  return { type: 'error', code: meaning.code, detail: detailOf(provider, meaning) }
}
