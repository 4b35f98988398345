import { useCallback, useEffect, useState } from 'preact/hooks'

export interface Loaded<T> {
  /** The newest value; stays while it is loaded again. */
  readonly data: T | undefined
  readonly error: unknown
  readonly loading: boolean
  reload(): void
  /** Replaces the value here, after a change whose outcome is known. */
  set(data: T): void
  /** Changes a part of it: `by` is given the newest value, which may be another than when the change was begun. */
  change(by: (newest: T) => T): void
}

/**
 * Loads when the component appears and whenever `key` changes, and drops what comes too late. `load` must use its
 * signal.
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: unknown; loading: boolean }>({ loading: true })
  const [turn, setTurn] = useState(0)

  useEffect(() => {
    const gone = new AbortController()
    setState((before) => ({ ...before, error: undefined, loading: true }))
    load(gone.signal).then(
      (data) => gone.signal.aborted || setState({ data, loading: false }),
      (error: unknown) => gone.signal.aborted || setState((before) => ({ ...before, error, loading: false })),
    )
    return () => gone.abort()
  }, [key, turn])

  const reload = useCallback(() => setTurn((before) => before + 1), [])
  const set = useCallback((data: T) => setState({ data, loading: false }), [])
  const change = useCallback(
    (by: (newest: T) => T) =>
      setState((before) => (before.data === undefined ? before : { ...before, data: by(before.data) })),
    [],
  )
  return { data: state.data, error: state.error, loading: state.loading, reload, set, change }
}
