import { useEffect, useState } from 'preact/hooks'

interface Toast {
  readonly id: number
  readonly text: string
}

const shownForMs = 6_000
let show: (text: string) => void = () => {}

/** Says something that needs no answer, to eyes and to screen readers, for six seconds. */
export function toast(text: string): void {
  show(text)
}

/** Where toasts appear. It is there from the start: a live region that comes with its text is not read. */
export function Toasts() {
  const [toasts, setToasts] = useState<readonly Toast[]>([])

  useEffect(() => {
    let last = 0
    show = (text) => {
      last += 1
      const id = last
      setToasts((before) => [...before, { id, text }])
      setTimeout(() => setToasts((before) => before.filter((each) => each.id !== id)), shownForMs)
    }
    return () => {
      show = () => {}
    }
  }, [])

  return (
    <div class="toasts" role="status">
      {toasts.map(({ id, text }) => (
        <p key={id} class="toast">
          {text}
        </p>
      ))}
    </div>
  )
}
