import { useLayoutEffect, useRef } from 'preact/hooks'

/** This near to the end, in pixels, a reader reads along. */
const nearness = 32

/**
 * What a model wrote, as the text it is. It scrolls in its place, and goes along with a text that grows as long as its
 * reader is at the end.
 */
export function Output({
  label,
  text,
  growing,
}: {
  readonly label: string
  readonly text: string
  readonly growing: boolean
}) {
  const box = useRef<HTMLElement>(null)
  const lastEnd = useRef(0)

  // Where the reader is, is asked here: a scroll event comes a frame later, and a text that grew in between took back
  // the way up.
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const end = element.scrollHeight - element.clientHeight
    if (growing && element.scrollTop > Math.min(lastEnd.current, end) - nearness) element.scrollTop = end
    lastEnd.current = end
  }, [text, growing])

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section ref={box} class="output" aria-label={label} tabIndex={0} data-growing={growing}>
      {text}
    </section>
  )
}
