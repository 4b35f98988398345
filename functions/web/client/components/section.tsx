import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { explain } from '../api/problem.ts'
import type { Loaded } from '../api/use-load.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'
import { Skeleton } from './skeleton.tsx'

/** A part of a page: what it is about, what one can do there, and beside or below it what there is. */
export function Section({
  title,
  lead,
  actions,
  children,
}: {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}) {
  const heading = useId()
  return (
    <section class="section" aria-labelledby={heading}>
      <div class="section-head">
        <h2 id={heading}>{title}</h2>
        {lead !== undefined && <p class="lead">{lead}</p>}
        {actions !== undefined && <div class="actions">{actions}</div>}
      </div>
      <div class="section-body">{children}</div>
    </section>
  )
}

/** What was loaded or, until then, that it is on its way or why it did not come. */
export function Awaited<T>({
  loaded: { data, error, reload },
  lines = 3,
  children,
}: {
  readonly loaded: Loaded<T>
  readonly lines?: number
  children(data: T): ComponentChildren
}) {
  if (data !== undefined) return <>{children(data)}</>
  if (error === undefined) return <Skeleton lines={lines} />
  return (
    <Notice kind="error">
      <p>{explain(error)}</p>
      <div class="actions">
        <Button onClick={reload}>Try again</Button>
      </div>
    </Notice>
  )
}
