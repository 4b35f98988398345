import { api, withQuery } from '../api/api.ts'
import { ApiError } from '../api/problem.ts'
import { type StreamedEvent, stream } from '../api/stream.ts'
import type { Answer } from './answer.ts'
import type { ListedRun, RunDetail } from './run-record.ts'

/** Lives as long as its tab. */
const memory = 'oort-board'

/** Keeps the ids of the board's runs, null for one that has no name yet: no word of what is in them. */
export function rememberBoard(answers: readonly Answer[]): void {
  if (answers.length === 0) sessionStorage.removeItem(memory)
  else sessionStorage.setItem(memory, JSON.stringify(answers.map(({ run }) => run?.id ?? null)))
}

/** The runs that were on the board, as they are now. Those that are gone, or somebody else's, are left out. */
export async function readBoard(): Promise<readonly RunDetail[]> {
  const ids = JSON.parse(sessionStorage.getItem(memory) ?? '[]') as readonly (string | null)[]
  if (ids.length === 0) return []
  const named = ids.filter((id) => id !== null)
  const nameless = ids.length - named.length
  // A comparison's runs are written down at once, in the order of its models.
  const newest = nameless === 0 ? [] : (await newestRuns().catch(() => [])).filter(({ id }) => !named.includes(id))
  const found = newest.slice(0, nameless).map(({ id }) => id)
  const all = ids.map((id) => id ?? found.pop()).filter((id) => id !== undefined)
  const details = await Promise.all(all.map((id) => api.get<RunDetail>(`/api/runs/${id}`).catch(() => undefined)))
  return details.filter((detail) => detail !== undefined)
}

/** The newest runs that were begun in a browser. */
export async function newestRuns(state?: 'streaming'): Promise<readonly ListedRun[]> {
  const { runs } = await api.get<{ readonly runs: readonly ListedRun[] }>(withQuery('/api/runs', { state, limit: 20 }))
  return runs.filter(({ endpoint, apiKeyId }) => endpoint === 'runs' && apiKeyId === null)
}

const retryMs = 1_000

/**
 * Follows a run to its end, over broken connections too. One that cannot be followed live is asked for again until it
 * has ended, as the history tells it then. Throws ApiError, and the signal's reason.
 */
export async function follow(
  runId: string,
  { signal, on, ended }: { readonly signal: AbortSignal; on(event: StreamedEvent): void; ended(): boolean },
): Promise<void> {
  while (!ended()) {
    try {
      for await (const event of stream.get(`/api/runs/${runId}/events`, { signal })) on(event)
    } catch (error) {
      const passing = !(error instanceof ApiError) || error.code === 'CONFLICT' || error.code === 'UNREACHABLE'
      if (signal.aborted || !passing) throw error
    }
    if (!ended()) await new Promise((resolve) => setTimeout(resolve, retryMs))
    signal.throwIfAborted()
  }
}
