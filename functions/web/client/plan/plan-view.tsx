import { useEffect, useState } from 'preact/hooks'
import { type PaidPlan, type Plan, plans } from '../../../../core/plans/plans.ts'
import { api, newIdempotencyKey } from '../api/api.ts'
import { explain } from '../api/problem.ts'
import { useLoad } from '../api/use-load.ts'
import { Button } from '../components/button.tsx'
import { Notice, Tag } from '../components/notice.tsx'
import { Awaited, Section } from '../components/section.tsx'
import { planNames, type Subscribed } from './subscription.ts'
import { Usage } from './usage.tsx'

/** How often it is asked whether Stripe has told of a purchase. Milliseconds. */
const askedEvery = 2_000

/**
 * The plan, what it allows, what is used of it, and the ways to change it. `expecting`: something was bought, so that
 * it is looked again until there is a subscription.
 */
export function PlanView({ expecting = false }: { readonly expecting?: boolean }) {
  const loaded = useLoad('subscription', (signal) => api.get<Subscribed>('/api/payments/subscription', { signal }))
  const waiting = expecting && loaded.data?.plan === 'free'

  useEffect(() => {
    if (!waiting) return
    const timer = setInterval(loaded.reload, askedEvery)
    return () => clearInterval(timer)
  }, [waiting, loaded.reload])

  return (
    <Awaited loaded={loaded} lines={6}>
      {(subscribed) => (
        <div class="sections">
          <Current of={subscribed} />
          {subscribed.plan !== 'unlimited' && <Offers of={subscribed} />}
        </div>
      )}
    </Awaited>
  )
}

function Current({ of: subscribed }: { readonly of: Subscribed }) {
  const { plan, subscription } = subscribed
  if (plan === 'unlimited') {
    return (
      <Section
        title="Without limit"
        lead="No payments are taken here. Oort itself limits nobody: your providers bill you for what your keys use."
      >
        <Usage of={subscribed} />
      </Section>
    )
  }
  return (
    <Section
      title={planNames[plan]}
      lead={subscription === null ? 'You have no subscription.' : standing(subscription)}
    >
      <div class="stack">
        {subscription?.status === 'past_due' && (
          <Notice kind="warning" title="A payment is overdue">
            Stripe tries again to collect it. Until then the plan goes on.
          </Notice>
        )}
        <Usage of={subscribed} />
      </div>
    </Section>
  )
}

const date = new Intl.DateTimeFormat('en', { dateStyle: 'long' })

function standing({ status, periodEndsAt, endsAt }: NonNullable<Subscribed['subscription']>): string {
  if (status === 'canceled' || status === 'incomplete_expired') return 'Your subscription has ended.'
  if (status === 'incomplete') return 'Your first payment is not through yet.'
  if (status === 'unpaid' || status === 'paused') return 'Your subscription rests until it is paid for.'
  if (endsAt !== null) return `Your subscription ends on ${date.format(endsAt)}.`
  return periodEndsAt === null ? 'You are subscribed.' : `Paid for until ${date.format(periodEndsAt)}, then renewed.`
}

function Offers({ of: { plan, subscription, forSale } }: { readonly of: Subscribed }) {
  const [pending, setPending] = useState<PaidPlan | 'portal'>()
  const [error, setError] = useState<unknown>()
  const subscribed =
    subscription !== null && !['canceled', 'incomplete_expired', 'incomplete'].includes(subscription.status)

  const leaveFor = async (to: PaidPlan | 'portal') => {
    setPending(to)
    setError(undefined)
    try {
      const { url } =
        to === 'portal'
          ? await api.post<{ readonly url: string }>('/api/payments/portal')
          : await api.post<{ readonly url: string }>(
              '/api/payments/checkout',
              { plan: to },
              // Each press is an intent of its own: the address of one before may be closed by another.
              { idempotencyKey: newIdempotencyKey() },
            )
      location.assign(url)
    } catch (thrown) {
      setError(thrown)
      setPending(undefined)
    }
  }

  return (
    <Section
      title="Plans"
      lead="You pay on Stripe’s own pages, which show the price first. Oort never sees a card."
      actions={
        subscription !== null && (
          <Button pending={pending === 'portal'} onClick={() => void leaveFor('portal')}>
            Change, cancel, invoices
          </Button>
        )
      }
    >
      <div class="stack">
        {error !== undefined && <Notice kind="error">{explain(error)}</Notice>}
        <ul class="plans">
          {(['free', ...forSale] as const).map((offered) => (
            <li key={offered} class="record">
              <div class="record-head">
                <h3>{planNames[offered]}</h3>
                {offered === plan && <Tag kind="accent">Yours</Tag>}
              </div>
              <Allows plan={offered} />
              {offered !== 'free' && offered !== plan && !subscribed && (
                <Button kind="primary" pending={pending === offered} onClick={() => void leaveFor(offered)}>
                  Take {planNames[offered]}
                </Button>
              )}
            </li>
          ))}
        </ul>
      </div>
    </Section>
  )
}

const whole = new Intl.NumberFormat('en')

function Allows({ plan }: { readonly plan: Plan }) {
  const { runsPerMonth, concurrentRuns, apiKeys } = plans[plan]
  return (
    <ul class="allows">
      <li>{whole.format(runsPerMonth)} runs a month</li>
      <li>{whole.format(concurrentRuns)} runs at once</li>
      <li>{whole.format(apiKeys)} API keys</li>
    </ul>
  )
}
