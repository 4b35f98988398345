import { randomBytes } from 'node:crypto'
import { type FormValue, textAt } from './form.ts'
import type { Query } from './lists.ts'
import { absent, missing, Refusal } from './refusal.ts'

export interface Customer {
  readonly id: string
  readonly metadata: FormValue
  deleted: boolean
}

export interface CheckoutSession {
  readonly id: string
  readonly customer: string
  readonly price: string
  readonly created: number
  status: 'open' | 'complete' | 'expired'
}

export interface EmulatedSubscription {
  readonly id: string
  readonly customer: string
  price: string
  status: string
  periodEnd: number
  cancelAtPeriodEnd: boolean
}

/** An event as Stripe posts it: the very text that is signed. */
export interface EmittedEvent {
  readonly id: string
  readonly type: string
  readonly payload: string
}

const id = (prefix: string): string => `${prefix}_${randomBytes(9).toString('hex')}`
const day = 24 * 60 * 60
const month = 30 * day

/** Stripe's side of the business: what it knows, and the events that it emits when that changes. Times in seconds. */
export class Books {
  readonly customers = new Map<string, Customer>()
  readonly sessions = new Map<string, CheckoutSession>()
  readonly subscriptions = new Map<string, EmulatedSubscription>()
  readonly events: EmittedEvent[] = []
  readonly #prices: ReadonlySet<string>
  readonly #now: () => number

  constructor(prices: readonly string[], now: () => number) {
    this.#prices = new Set(prices)
    this.#now = now
  }

  createCustomer(form: FormValue): object {
    const customer: Customer = {
      id: id('cus'),
      metadata: (typeof form === 'object' && form['metadata']) || {},
      deleted: false,
    }
    this.customers.set(customer.id, customer)
    const { id: customerId, metadata } = customer
    return { id: customerId, object: 'customer', created: this.#now(), email: null, livemode: false, metadata }
  }

  /** Ends the customer's subscriptions at once, as Stripe does. */
  deleteCustomer(customerId: string): object {
    this.#customer(customerId, 'id').deleted = true
    for (const each of this.subscriptions.values()) if (each.customer === customerId) this.cancel(each.id)
    return { id: customerId, object: 'customer', deleted: true }
  }

  createSession(form: FormValue): object {
    for (const param of ['mode', 'success_url', 'line_items.0.price', 'line_items.0.quantity']) {
      if (textAt(form, param) === undefined) throw absent(param.replace(/\.(\w+)/g, '[$1]'))
    }
    const price = textAt(form, 'line_items.0.price') ?? ''
    if (!this.#prices.has(price)) throw missing('price', price, 'line_items[0][price]')
    const customer = this.#customer(textAt(form, 'customer') ?? '', 'customer').id
    const session: CheckoutSession = { id: id('cs_test'), customer, price, created: this.#now(), status: 'open' }
    this.sessions.set(session.id, session)
    return shownSession(session)
  }

  /** Of one customer, the newest first. */
  listSessions({ customer, status }: Query): object[] {
    const found = [...this.sessions.values()].filter(
      (each) => each.customer === customer && (status === undefined || each.status === status),
    )
    return found.toReversed().map(shownSession)
  }

  /** Source: https://docs.stripe.com/api/checkout/sessions/expire */
  expireSession(sessionId: string): object {
    const session = this.sessions.get(sessionId)
    if (session === undefined) throw missing('checkout.session', sessionId, 'session')
    if (session.status !== 'open') {
      const message = `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`
      throw new Refusal(400, { message })
    }
    session.status = 'expired'
    return shownSession(session)
  }

  createPortalSession(form: FormValue): object {
    const customer = this.#customer(textAt(form, 'customer') ?? '', 'customer').id
    const session = id('bps')
    const url = `https://billing.stripe.example/p/session/${session}`
    return {
      id: session,
      object: 'billing_portal.session',
      customer,
      return_url: textAt(form, 'return_url') ?? null,
      url,
    }
  }

  /** The customer pays on Stripe's page. Answers the subscription and the events, in the order of their making. */
  pay(sessionId: string): { readonly subscription: EmulatedSubscription; readonly events: readonly EmittedEvent[] } {
    const session = this.sessions.get(sessionId)
    if (session === undefined || session.status !== 'open') throw missing('checkout.session', sessionId, 'id')
    session.status = 'complete'
    const from = this.events.length
    const subscription = this.subscribe(session.customer, session.price)
    this.#emit('checkout.session.completed', {
      id: session.id,
      object: 'checkout.session',
      customer: session.customer,
      subscription: subscription.id,
      customer_details: { email: 'payer@example.com' },
      status: 'complete',
    })
    return { subscription, events: this.events.slice(from) }
  }

  /** A subscription begins and its first payment goes through: two events, often within one second. */
  subscribe(customer: string, price: string): EmulatedSubscription {
    const subscription: EmulatedSubscription = {
      id: id('sub'),
      customer,
      price,
      status: 'incomplete',
      periodEnd: this.#now() + month,
      cancelAtPeriodEnd: false,
    }
    this.subscriptions.set(subscription.id, subscription)
    this.#emit('customer.subscription.created', snapshot(subscription))
    this.change(subscription.id, { status: 'active' })
    return subscription
  }

  change(subscriptionId: string, patch: Partial<Omit<EmulatedSubscription, 'id' | 'customer'>>): EmittedEvent {
    const subscription = this.#subscription(subscriptionId)
    const before = snapshot(subscription)
    Object.assign(subscription, patch)
    return this.#emit('customer.subscription.updated', snapshot(subscription), { status: before['status'] })
  }

  cancel(subscriptionId: string): EmittedEvent {
    const subscription = this.#subscription(subscriptionId)
    subscription.status = 'canceled'
    return this.#emit('customer.subscription.deleted', snapshot(subscription))
  }

  showSubscription(subscriptionId: string): object {
    return snapshot(this.#subscription(subscriptionId))
  }

  /** Of one customer, the newest first; without a status those that are not canceled. */
  listSubscriptions({ customer, status }: Query): object[] {
    const asked = (of: string): boolean =>
      status === 'all' || (status === undefined ? of !== 'canceled' : of === status)
    const found = [...this.subscriptions.values()].filter((each) => each.customer === customer && asked(each.status))
    return found.toReversed().map(snapshot)
  }

  #customer(customerId: string, param: string): Customer {
    const customer = this.customers.get(customerId)
    if (customer === undefined || customer.deleted) throw missing('customer', customerId, param)
    return customer
  }

  #subscription(subscriptionId: string): EmulatedSubscription {
    const found = this.subscriptions.get(subscriptionId)
    if (found === undefined) throw new Refusal(404, { code: 'resource_missing', message: 'No such subscription' })
    return found
  }

  #emit(type: string, object: object, previous?: object): EmittedEvent {
    const event = {
      id: id('evt'),
      object: 'event',
      api_version: '2026-10-28.endive',
      created: this.#now(),
      data: { object, ...(previous === undefined ? {} : { previous_attributes: previous }) },
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type,
    }
    // Stripe indents what it posts: whoever parses it and writes it anew signs other bytes.
    const emitted = { id: event.id, type, payload: JSON.stringify(event, null, 2) }
    this.events.push(emitted)
    return emitted
  }
}

/** A part of Stripe's members. Nobody can go to the page of a session that is over. */
function shownSession({ id: sessionId, customer, created, status }: CheckoutSession): object {
  return {
    id: sessionId,
    object: 'checkout.session',
    created,
    customer,
    expires_at: created + day,
    mode: 'subscription',
    status,
    url: status === 'open' ? `https://checkout.stripe.example/c/pay/${sessionId}` : null,
  }
}

/** A subscription as it stands in an event: a part of Stripe's members, in Stripe's names. */
function snapshot(subscription: EmulatedSubscription): Readonly<Record<string, unknown>> {
  const { id: subscriptionId, customer, price, status, periodEnd, cancelAtPeriodEnd } = subscription
  const item = {
    id: `si_${subscriptionId.slice(4)}`,
    object: 'subscription_item',
    current_period_end: periodEnd,
    current_period_start: periodEnd - month,
    price: { id: price, object: 'price', active: true, currency: 'eur', recurring: { interval: 'month' } },
    quantity: 1,
  }
  return {
    id: subscriptionId,
    object: 'subscription',
    cancel_at: cancelAtPeriodEnd ? periodEnd : null,
    cancel_at_period_end: cancelAtPeriodEnd,
    collection_method: 'charge_automatically',
    customer,
    items: { object: 'list', data: [item], has_more: false },
    metadata: {},
    status,
  }
}
