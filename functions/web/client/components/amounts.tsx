const steps = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const satisfies readonly (readonly [Intl.RelativeTimeFormatUnit, number])[]

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })
const whole = new Intl.NumberFormat('en')

/** A moment, in milliseconds UTC: how long ago for the eye, the very minute on hover and for machines. */
export function Time({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={absolute.format(at)}>
      {howLongAgo(at, Date.now())}
    </time>
  )
}

export function howLongAgo(at: number, now: number): string {
  const passed = at - now
  const step = steps.find(([, length]) => Math.abs(passed) >= length)
  return step === undefined ? 'just now' : relative.format(Math.round(passed / step[1]), step[0])
}

/** An amount in micro-USD. Below a cent it keeps two significant digits: a run often costs less. */
export function Money({ micros }: { readonly micros: number }) {
  return (
    <data value={micros / 1_000_000} class="number">
      {inDollars(micros)}
    </data>
  )
}

export function inDollars(micros: number): string {
  const dollars = micros / 1_000_000
  const small = dollars !== 0 && Math.abs(dollars) < 0.01
  const digits = small ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 }
  return new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', ...digits }).format(dollars)
}

/** A whole number with its thousands set apart. */
export function Count({ of }: { readonly of: number }) {
  return <span class="number">{whole.format(of)}</span>
}
