/** Holds the place of text that is on its way. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class="skeleton-line" />
      ))}
    </div>
  )
}

/** Holds the place of a whole page. */
export function PageSkeleton() {
  return (
    <div class="page">
      <Skeleton lines={6} />
    </div>
  )
}

/** How far something is: `value` of `max`. Without a value it is under way, nobody knows how far. */
export function Progress({
  label,
  value,
  max = 1,
}: {
  readonly label: string
  readonly value?: number
  readonly max?: number
}) {
  return (
    <label class="progress">
      <span>{label}</span>
      <progress max={max} {...(value === undefined ? {} : { value })} />
    </label>
  )
}
