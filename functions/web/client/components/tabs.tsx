import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'

export interface Tab {
  readonly id: string
  readonly title: string
  content(): ComponentChildren
}

/** One of several contents at a time. Arrow keys, Home and End go along. Source: ARIA Authoring Practices, "Tabs". */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const base = useId()
  const [chosen, setChosen] = useState(0)
  const buttons = useRef<(HTMLButtonElement | null)[]>([])

  const choose = (at: number) => {
    const next = (at + tabs.length) % tabs.length
    setChosen(next)
    buttons.current[next]?.focus()
  }
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: chosen - 1,
    ArrowRight: chosen + 1,
    Home: 0,
    End: tabs.length - 1,
  }

  return (
    <div class="tabs">
      <div role="tablist" aria-label={label}>
        {tabs.map(({ id, title }, at) => (
          <button
            key={id}
            ref={(button) => {
              buttons.current[at] = button
            }}
            type="button"
            role="tab"
            id={`${base}-${id}`}
            aria-selected={at === chosen}
            aria-controls={`${base}-panel`}
            tabIndex={at === chosen ? 0 : -1}
            onClick={() => setChosen(at)}
            onKeyDown={(event) => {
              const to = moves[event.key]
              if (to === undefined) return
              event.preventDefault()
              choose(to)
            }}
          >
            {title}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a panel may hold nothing that takes the focus */}
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${tabs[chosen]?.id}`} tabIndex={0}>
        {tabs[chosen]?.content()}
      </div>
    </div>
  )
}
