import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

export interface Pages<Row> {
  /** Undefined until the first page is here. */
  readonly rows: readonly Row[] | undefined
  readonly error: unknown
  readonly loading: boolean
  /** Whether there are more. */
  readonly more: boolean
  loadMore(): void
  /** Begins anew with the first page. */
  reload(): void
}

interface State<Row> {
  readonly rows: readonly Row[] | undefined
  readonly cursor: string | number | null
  readonly error: unknown
  readonly loading: boolean
}

/** One page: its rows, and where the next one begins. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly nextCursor: string | number | null
}

/** A list that comes page by page. It begins anew whenever `key` changes, and drops what comes too late. */
export function usePages<Row>(
  key: string,
  load: (cursor: string | number | undefined, signal: AbortSignal) => Promise<Page<Row>>,
): Pages<Row> {
  const [state, setState] = useState<State<Row>>({ rows: undefined, cursor: null, error: undefined, loading: true })
  const gone = useRef(new AbortController())
  const newest = useRef(load)
  newest.current = load

  const fetchPage = useCallback(async (cursor: string | number | undefined) => {
    const { signal } = gone.current
    setState((before) => ({ ...before, error: undefined, loading: true }))
    try {
      const { rows, nextCursor } = await newest.current(cursor, signal)
      if (signal.aborted) return
      setState((before) => ({
        rows: cursor === undefined ? rows : [...(before.rows ?? []), ...rows],
        cursor: nextCursor,
        error: undefined,
        loading: false,
      }))
    } catch (error) {
      if (!signal.aborted) setState((before) => ({ ...before, error, loading: false }))
    }
  }, [])

  const reload = useCallback(() => {
    gone.current.abort()
    gone.current = new AbortController()
    void fetchPage(undefined)
  }, [fetchPage])

  useEffect(() => {
    reload()
    return () => gone.current.abort()
  }, [key, reload])

  const loadMore = () => {
    if (state.cursor !== null && !state.loading) void fetchPage(state.cursor)
  }
  return { rows: state.rows, error: state.error, loading: state.loading, more: state.cursor !== null, loadMore, reload }
}
