import { Component, type ComponentChildren } from 'preact'
import { Card } from './card.tsx'

/** Draws what it holds; when that fails, says so instead of leaving the page empty. */
export class Boundary extends Component<{ readonly children: ComponentChildren }, { readonly failed: boolean }> {
  override state = { failed: false }

  static override getDerivedStateFromError() {
    return { failed: true }
  }

  render() {
    return this.state.failed ? <BrokenPage /> : this.props.children
  }
}

/** Stands in for a page whose script did not come, as after an update, or failed. */
export function BrokenPage() {
  return (
    <Card title="This page did not load" lead="Oort was updated, cannot be reached, or has a fault.">
      <button type="button" class="button primary" onClick={() => location.reload()}>
        Load it again
      </button>
    </Card>
  )
}
