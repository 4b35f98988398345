import * as z from 'zod'
import { isCut } from '../../core/runs/kept-text.ts'
import type { Run } from '../../core/runs/run-order.ts'
import { runSummary, summaryOf } from './run-summary.ts'

/** A run with what was said in it. */
export const runDetail = runSummary.extend({
  /** The request as JSON: what was asked, in the form of the run's endpoint. */
  prompt: z.string(),
  /** The text of the answer as far as it came; null when none began. */
  output: z.string().nullable(),
  /** The answer was longer than what is kept of one. */
  outputCut: z.boolean(),
})

export function detailOf(run: Run, prompt: string, output: string | null): z.output<typeof runDetail> {
  return { ...summaryOf(run), prompt, output, outputCut: output !== null && isCut(output) }
}
