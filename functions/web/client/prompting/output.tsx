import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

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
  const along = useRef(true)

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const look = () => {
      along.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearness
    }
    element.addEventListener('scroll', look, { passive: true })
    return () => element.removeEventListener('scroll', look)
  }, [])
  useLayoutEffect(() => {
    if (growing && along.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }, [text, growing])

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section ref={box} class="output" aria-label={label} tabIndex={0} data-growing={growing}>
      {text}
    </section>
  )
}
