import type { ComponentChildren } from 'preact'

/** A page that does one thing: a narrow column with its heading. */
export function Card({
  title,
  lead,
  children,
}: {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly children: ComponentChildren
}) {
  return (
    <div class="page card-page">
      <section class="card">
        <h1>{title}</h1>
        {lead !== undefined && <p class="lead">{lead}</p>}
        {children}
      </section>
    </div>
  )
}

/** The heading of a wider page, with what one can do there at its side. */
export function PageHeader({
  title,
  lead,
  actions,
}: {
  readonly title: string
  readonly lead?: ComponentChildren
  readonly actions?: ComponentChildren
}) {
  return (
    <header class="page-header">
      <div>
        <h1>{title}</h1>
        {lead !== undefined && <p class="lead">{lead}</p>}
      </div>
      {actions !== undefined && <div class="actions">{actions}</div>}
    </header>
  )
}
