import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * Cmd or Ctrl with Enter runs, Escape stops, wherever the focus is. An open dialog or menu has its own use for Escape.
 */
export function useShortcuts(acts: { run(): void; readonly stop: (() => void) | undefined }): void {
  const newest = useRef(acts)
  newest.current = acts
  // With the frame that shows the page, so that no key comes before it.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]') !== null) return
      if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
        event.preventDefault()
        newest.current.run()
      }
      const elsewhere = document.querySelector('.menu [aria-expanded="true"]') !== null
      if (event.key === 'Escape' && !elsewhere) newest.current.stop?.()
    }
    document.addEventListener('keydown', onKey, { capture: true })
    return () => document.removeEventListener('keydown', onKey, { capture: true })
  }, [])
}
