import type { ComponentChildren } from 'preact'

const roles = { info: undefined, success: 'status', warning: undefined, error: 'alert' } as const

/** A remark in its place: errors are read out at once, successes when there is time. */
export function Notice({
  kind = 'info',
  title,
  children,
}: {
  readonly kind?: keyof typeof roles
  readonly title?: string
  readonly children: ComponentChildren
}) {
  return (
    <div class={`notice ${kind}`} role={roles[kind]}>
      {title !== undefined && <p class="notice-title">{title}</p>}
      <div>{children}</div>
    </div>
  )
}

/** What stands where records will be: what they are, and how the first one comes about. */
export function EmptyState({
  title,
  children,
  action,
}: {
  readonly title: string
  readonly children: ComponentChildren
  readonly action?: ComponentChildren
}) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  )
}

/** A word about a record's state. */
export function Tag({
  kind = 'neutral',
  children,
}: {
  readonly kind?: 'neutral' | 'accent' | 'success' | 'warning' | 'danger'
  readonly children: ComponentChildren
}) {
  return <span class={`tag ${kind}`}>{children}</span>
}
