import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { explain } from '../api/problem.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'

/**
 * A modal dialog: the browser keeps the focus in it, closes it with Escape and gives the focus back. The button that
 * closes it comes last, so that the focus begins with what it is about.
 */
export function Dialog({
  open,
  title,
  onClose,
  children,
}: {
  readonly open: boolean
  readonly title: string
  onClose(): void
  readonly children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()

  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal()
    if (!open) dialog.current?.close()
  }, [open])

  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      {open && children}
      <button type="button" class="button quiet icon-only dialog-close" aria-label="Close" onClick={onClose}>
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="line-icon">
          <path d="M6 6l12 12M18 6L6 18" />
        </svg>
      </button>
    </dialog>
  )
}

/** Asks before something that cannot be undone. `onConfirm` may take its time, and may throw what the API refused. */
export function ConfirmDelete({
  open,
  title,
  confirm = 'Delete',
  onConfirm,
  onClose,
  children,
}: {
  readonly open: boolean
  readonly title: string
  /** The button's text: the deed by its name. */
  readonly confirm?: string
  onConfirm(): Promise<void>
  onClose(): void
  /** What will be gone, in a sentence. */
  readonly children: ComponentChildren
}) {
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()

  const close = () => {
    setError(undefined)
    onClose()
  }
  const run = async () => {
    setPending(true)
    setError(undefined)
    try {
      await onConfirm()
      close()
    } catch (thrown) {
      setError(thrown)
    } finally {
      setPending(false)
    }
  }

  return (
    <Dialog open={open} title={title} onClose={close}>
      <div class="stack">
        {error !== undefined && <Notice kind="error">{explain(error)}</Notice>}
        <div>{children}</div>
        <div class="actions">
          <Button kind="danger" pending={pending} onClick={() => void run()}>
            {confirm}
          </Button>
          <Button onClick={close}>Keep it</Button>
        </div>
      </div>
    </Dialog>
  )
}
