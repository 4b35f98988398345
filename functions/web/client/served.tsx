import { useLayoutEffect, useRef } from 'preact/hooks'

/** What the document brought to be read without scripts, taken before the application draws over it. */
const brought = [...(document.querySelector('#app > main')?.childNodes ?? [])]

/** Whether the document says something itself. */
export const isServed = brought.length > 0

/** Draws what the document brought, as it stands. `enhance` may add to it, once it is there. */
export function Served({ enhance }: { enhance?(root: HTMLElement): void }) {
  const root = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    root.current?.replaceChildren(...brought)
    if (root.current !== null) enhance?.(root.current)
    // The browser looked for the place that the address names before it was here.
    if (location.hash !== '') document.getElementById(location.hash.slice(1))?.scrollIntoView()
  }, [enhance])
  return <div ref={root} />
}
