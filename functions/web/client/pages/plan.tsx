import { PageHeader } from '../components/card.tsx'
import { PlanView } from '../plan/plan-view.tsx'

/** What the account may use, and what it has used of that. */
export function Page() {
  return (
    <div class="page">
      <PageHeader title="Plan" />
      <PlanView />
    </div>
  )
}
