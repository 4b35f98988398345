import type { Answer } from './answer.ts'
import { hasEnded, type Model, type Run } from './run-record.ts'

/** What an answer took. Whatever is not known yet is undefined; what is ours and not the provider's is marked. */
export interface Figures {
  /** Milliseconds until the provider began to answer. */
  readonly wait: number | undefined
  /** Output tokens a second, from then on. */
  readonly speed: number | undefined
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  /** Micro-USD. */
  readonly cost: number | undefined
  readonly estimated: boolean
}

/** Rule of thumb for English text, as the server's own estimate has it. */
const charactersPerToken = 4

export function figuresOf(run: Run): Figures {
  const { createdAt, firstByteAt, finishedAt, inputTokens, outputTokens, costMicroUsd, usageEstimated } = run
  const took = firstByteAt === null || finishedAt === null ? undefined : finishedAt - firstByteAt
  return {
    wait: firstByteAt === null ? undefined : firstByteAt - createdAt,
    speed: speedOf(outputTokens ?? undefined, took),
    inputTokens: inputTokens ?? undefined,
    outputTokens: outputTokens ?? undefined,
    cost: costMicroUsd ?? undefined,
    estimated: usageEstimated,
  }
}

/**
 * The same while the answer comes, counted by the length of its text: providers tell their count at the end. `asked` is
 * how many characters were sent; `now` is the browser's clock, which is as good as ours, or the figures are off by what
 * they differ until the run ends.
 */
export function liveFigures(answer: Answer, asked: number, price: Model['price'], now: number): Figures {
  const { run, text, inputTokens, outputTokens, askedAt, begunAt, ended } = answer
  if (run !== undefined && (ended || hasEnded(run))) return figuresOf(run)
  const input = inputTokens ?? Math.ceil(asked / charactersPerToken)
  if (run === undefined) {
    const wait = ended ? undefined : Math.max(0, now - askedAt)
    return { wait, speed: undefined, inputTokens: input, outputTokens: undefined, cost: undefined, estimated: true }
  }
  const output = Math.max(outputTokens ?? 0, Math.ceil(text.length / charactersPerToken))
  return {
    wait: begunAt === undefined ? undefined : begunAt - askedAt,
    speed: speedOf(output, now - (begunAt ?? run.createdAt)),
    inputTokens: input,
    outputTokens: output,
    cost: price === null ? undefined : Math.round((input * price.input + output * price.output) / 1_000_000),
    estimated: true,
  }
}

/** A rate over less than a twentieth of a second says more about the network than about the model. */
function speedOf(tokens: number | undefined, milliseconds: number | undefined): number | undefined {
  if (tokens === undefined || tokens === 0 || milliseconds === undefined || milliseconds < 50) return undefined
  return (tokens * 1_000) / milliseconds
}

/** Milliseconds as people say them. */
export function inSeconds(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1_000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
