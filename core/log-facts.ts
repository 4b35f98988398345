import { describeError } from './describe-error.ts'

/** Tells whether a value has the form that a fact of this kind has. */
type Kind = (value: unknown) => boolean

const text = (form: RegExp) => (value: unknown) => typeof value === 'string' && form.test(value)
const count: Kind = (value) => typeof value === 'number'
const id: Kind = text(/^[a-z]{2,8}_[0-9a-z-]{1,64}$/)
/** A word of ours, such as a state. */
const word: Kind = text(/^[A-Za-z][A-Za-z_]{0,39}$/)

/**
 * Everything that a line of the log may tell, by name, and the form of its values. What is not here, or has another
 * form, is left out and counted as `withheld`.
 */
const kinds = {
  requestId: id,
  runId: id,
  exportId: id,
  method: word,
  /** The pattern of an address, whose parameters have names and no values. */
  route: text(/^\/[\w/:.*-]{0,120}$/),
  status: count,
  ms: count,
  n: count,
  rows: count,
  known: count,
  runs: count,
  hash: text(/^[0-9a-f]{64}$/),
  purpose: word,
  reason: word,
  signal: word,
  component: word,
  state: word,
  task: text(/^[a-z][a-z -]{0,60}$/),
} as const satisfies Record<string, Kind>

/** The facts of a line: those above, and under `err` whatever was thrown. */
export type Facts = { readonly [Name in keyof typeof kinds]?: string | number | null } & { readonly err?: unknown }

/** Lets through what may be told, and describes `err`. */
export function tellable(facts: object): Record<string, unknown> {
  const told: Record<string, unknown> = {}
  let withheld = 0
  for (const [name, value] of Object.entries(facts)) {
    if (name === 'err') told['err'] = describeError(value)
    else if (value === null || (Object.hasOwn(kinds, name) && kinds[name as keyof typeof kinds](value)))
      told[name] = value
    else if (value !== undefined) withheld += 1
  }
  return withheld === 0 ? told : { ...told, withheld }
}
