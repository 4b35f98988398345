import type { Subscribed } from './subscription.ts'

/** What is used of each limit. Runs are not counted where there is no limit. */
export function Usage({ of: { plan, limits, used } }: { readonly of: Subscribed }) {
  return (
    <ul class="meters">
      {plan !== 'unlimited' && <Meter label="Runs this month" used={used.runs} limit={limits.runsPerMonth} />}
      <Meter label="Runs under way" used={used.runsUnderWay} limit={limits.concurrentRuns} />
      <Meter label="API keys" used={used.apiKeys} limit={limits.apiKeys} />
    </ul>
  )
}

const whole = new Intl.NumberFormat('en')

function Meter({
  label,
  used,
  limit,
}: {
  readonly label: string
  readonly used: number
  readonly limit: number | null
}) {
  const full = limit !== null && used >= limit
  return (
    <li class="meter">
      <p>
        <span>{label}</span>
        <span class="number">
          {whole.format(used)}
          {limit === null ? ', without limit' : ` of ${whole.format(limit)}`}
        </span>
      </p>
      {limit !== null && (
        <meter min={0} max={limit} high={limit * 0.9} optimum={0} value={used} aria-label={label}>
          {full ? 'used up' : ''}
        </meter>
      )}
    </li>
  )
}
