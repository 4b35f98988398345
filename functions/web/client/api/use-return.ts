import { useEffect } from 'preact/hooks'

/**
 * Calls when somebody comes back to this page from another tab or window, where much may have changed. It is not called
 * again before it has ended.
 */
export function useReturn(then: () => Promise<void>): void {
  useEffect(() => {
    let underWay = false
    const back = async () => {
      if (underWay || document.visibilityState === 'hidden') return
      underWay = true
      await then()
      underWay = false
    }
    const listener = () => void back()
    document.addEventListener('visibilitychange', listener)
    // Of two windows side by side none is hidden.
    window.addEventListener('focus', listener)
    return () => {
      document.removeEventListener('visibilitychange', listener)
      window.removeEventListener('focus', listener)
    }
  }, [then])
}
