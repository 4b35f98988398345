import { type Dispatch, type StateUpdater, useEffect, useRef, useState } from 'preact/hooks'
import { isKept, type Memory } from './unsent.ts'

/**
 * State that a session which ends by itself does not cost: the account finds it at the same place after signing in
 * again. `first` is its value otherwise.
 */
export function useUnsent<T>(memory: Memory, place: string, first: T): [T, Dispatch<StateUpdater<T>>] {
  const [value, setValue] = useState<T>(() => (memory.take(place) as T | undefined) ?? first)
  const newest = useRef(value)
  newest.current = value

  useEffect(() => () => void (isKept() && memory.keep(place, newest.current)), [memory, place])
  return [value, setValue]
}
