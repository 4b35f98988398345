import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

/**
 * A button that discloses a list of links and buttons: its children are `<li>`s. Closes with Escape, with a choice and
 * when the focus goes elsewhere. Source: ARIA Authoring Practices, "Disclosure Navigation Menu".
 */
export function Menu({
  label,
  accessibleLabel,
  children,
}: {
  readonly label: ComponentChildren
  /** What a screen reader says, where `label` alone would not do. */
  readonly accessibleLabel?: string
  readonly children: ComponentChildren
}) {
  const [open, setOpen] = useState(false)
  const list = useId()
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)

  useEffect(() => {
    if (!open) return
    const closeFromOutside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false)
    }
    const closeByKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      setOpen(false)
      button.current?.focus()
    }
    document.addEventListener('pointerdown', closeFromOutside)
    document.addEventListener('focusin', closeFromOutside)
    document.addEventListener('keydown', closeByKey)
    return () => {
      document.removeEventListener('pointerdown', closeFromOutside)
      document.removeEventListener('focusin', closeFromOutside)
      document.removeEventListener('keydown', closeByKey)
    }
  }, [open])

  return (
    <div class="menu" ref={root}>
      <button
        ref={button}
        type="button"
        class="button quiet"
        aria-expanded={open}
        aria-controls={list}
        aria-label={accessibleLabel}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: what is clicked is a link or a button, which keys reach */}
      <ul id={list} class="menu-list" hidden={!open} onClick={() => setOpen(false)}>
        {children}
      </ul>
    </div>
  )
}
