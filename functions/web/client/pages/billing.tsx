import { useLocation } from 'preact-iso/router'
import { PageHeader } from '../components/card.tsx'
import { Notice } from '../components/notice.tsx'
import { PlanView } from '../plan/plan-view.tsx'

/** Where Stripe sends its customers back to: what came of it, and the plan. */
export function Page() {
  const { query } = useLocation()
  return (
    <div class="page">
      <PageHeader title="Billing" />
      <div class="stack">
        <Outcome checkout={query['checkout']} />
        <PlanView expecting={query['checkout'] === 'done'} />
      </div>
    </div>
  )
}

function Outcome({ checkout }: { readonly checkout: string | undefined }) {
  if (checkout === 'done') {
    return (
      <Notice kind="success" title="Thank you">
        Stripe has your order. The plan changes here as soon as it tells this Oort of the payment, mostly within
        seconds.
      </Notice>
    )
  }
  return checkout === 'left' ? <Notice>You left the checkout: nothing was bought.</Notice> : null
}
