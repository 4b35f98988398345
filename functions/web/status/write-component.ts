import type { Status } from '../../../core/incidents/status.ts'
import { type Markup, markup } from '../../../core/pages/markup.ts'
import { componentNames, percent, stateWords } from './words.ts'

type Component = Status['components'][number]
type Day = Component['days'][number]

const date = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' })

/**
 * A component: how it is, its last 90 days as bars, and the same in words. The bars are a picture with its text; the
 * script lets one go along them day by day (client/status-days.ts).
 */
export function writeComponent({ name, state, uptime, days }: Component): Markup {
  const words = stateWords[state ?? 'unknown']
  const title = componentNames[name]
  return markup`<section class="component" aria-labelledby="component-${name}">
<header><h3 id="component-${name}">${title}</h3><span class="tag ${words.kind}">${words.name}</span></header>
<div class="days" data-of="${title}"><div class="bars" role="img" aria-label="${inWords(title, days)}">${days.map(writeDay)}</div></div>
<p class="days-scale"><span>${days.length} days ago</span><span>${uptime === null ? 'No data yet' : `${percent(uptime)} of probes answered`}</span><span>Today</span></p>
</section>
`
}

function writeDay(day: Day): Markup {
  return markup`<i data-state="${day.worst ?? 'unknown'}" title="${dayInWords(day)}"></i>`
}

function dayInWords({ day, worst, uptime }: Day): string {
  const on = date.format(Date.parse(day))
  const { ofDay } = stateWords[worst ?? 'unknown']
  const share =
    worst === null || worst === 'operational' || uptime === null ? '' : `, ${percent(uptime)} of probes answered`
  return `${on}: ${ofDay}${share}`
}

function inWords(title: string, days: readonly Day[]): string {
  const looked = days.filter(({ worst }) => worst !== null)
  const bad = looked.filter(({ worst }) => worst !== 'operational')
  if (looked.length === 0) return `${title}: no data of the last ${days.length} days`
  const told = bad.length === 0 ? 'no failure' : bad.map(dayInWords).join('; ')
  return `${title}, the last ${days.length} days, of which ${looked.length} with data: ${told}`
}
