import type { ComponentChildren, MouseEventHandler } from 'preact'

export interface ButtonProps {
  readonly children: ComponentChildren
  readonly kind?: 'primary' | 'secondary' | 'quiet' | 'danger'
  readonly type?: 'button' | 'submit'
  /** What it does is under way: it keeps its place and the focus, and does nothing. */
  readonly pending?: boolean
  readonly disabled?: boolean
  readonly onClick?: MouseEventHandler<HTMLButtonElement>
}

export function Button({ children, kind = 'secondary', type = 'button', pending, disabled, onClick }: ButtonProps) {
  return (
    <button
      type={type}
      class={`button ${kind}`}
      disabled={disabled}
      aria-disabled={pending ? true : undefined}
      aria-busy={pending ? true : undefined}
      onClick={(event) => {
        if (pending) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {children}
      {pending && <span class="spinner" aria-hidden="true" />}
    </button>
  )
}
