import { Refusal } from './refusal.ts'

/** What a list is asked for. */
export type Query = Readonly<Record<string, string>>

const defaultLimit = 10

/** Reads the parameters of a GET. Refuses those that are not among `names`, as Stripe does. */
export function readQuery(text: string | undefined, names: readonly string[]): Query {
  const query = new URLSearchParams(text)
  for (const name of query.keys()) {
    if (names.includes(name)) continue
    throw new Refusal(400, { code: 'parameter_unknown', message: `Received unknown parameter: ${name}`, param: name })
  }
  return Object.fromEntries(query)
}

/** The first page of a list. Source: https://docs.stripe.com/api/pagination */
export function pageOf(url: string, all: readonly object[], { limit = String(defaultLimit) }: Query): object {
  const data = all.slice(0, Number(limit))
  return { object: 'list', data, has_more: data.length < all.length, url }
}
