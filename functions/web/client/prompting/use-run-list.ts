import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { api, withQuery } from '../api/api.ts'
import type { ListedRun } from './run-record.ts'

export interface RunFilter {
  readonly q: string
  readonly state: string
  readonly provider: string
  readonly model: string
}

interface Page {
  readonly runs: readonly ListedRun[]
  readonly nextCursor: string | null
}

export interface RunList {
  readonly runs: readonly ListedRun[]
  /** The first page has come. */
  readonly ready: boolean
  readonly loading: boolean
  readonly error: unknown
  readonly more: boolean
  loadMore(): void
}

const empty = { runs: [], cursor: undefined, ready: false, loading: true, error: undefined } as const
const pageSize = 30

interface State {
  readonly runs: readonly ListedRun[]
  /** Undefined before the first page, null after the last. */
  readonly cursor: string | null | undefined
  readonly ready: boolean
  readonly loading: boolean
  readonly error: unknown
}

/** The runs that a filter leaves, page by page. Another filter begins anew, and drops what comes too late. */
export function useRunList(filter: RunFilter): RunList {
  const [state, setState] = useState<State>(empty)
  const turn = useRef(new AbortController())
  const key = JSON.stringify(filter)

  const load = useCallback(
    async (cursor: string | undefined, { signal }: AbortController) => {
      setState((before) => ({ ...before, loading: true, error: undefined }))
      try {
        const path = withQuery('/api/runs', { ...(JSON.parse(key) as RunFilter), cursor, limit: pageSize })
        const { runs, nextCursor } = await api.get<Page>(path, { signal })
        setState((before) => ({
          runs: cursor === undefined ? runs : [...before.runs, ...runs],
          cursor: nextCursor,
          ready: true,
          loading: false,
          error: undefined,
        }))
      } catch (error) {
        if (!signal.aborted) setState((before) => ({ ...before, loading: false, error }))
      }
    },
    [key],
  )
  useEffect(() => {
    turn.current = new AbortController()
    const { current } = turn
    setState((before) => ({ ...before, cursor: undefined }))
    void load(undefined, current)
    return () => current.abort()
  }, [load])

  const { runs, cursor, ready, loading, error } = state
  const loadMore = () => {
    if (!loading) void load(cursor ?? undefined, turn.current)
  }
  return { runs, ready, loading, error, more: cursor !== null, loadMore }
}
