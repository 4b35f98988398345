import type { Status } from '../../../core/incidents/status.ts'
import { type Markup, markup } from '../../../core/pages/markup.ts'
import { span, stateWords } from './words.ts'
import { writeComponent } from './write-component.ts'
import { writeIncident } from './write-incident.ts'

/** What /status says: the same that /api/status tells, for people. */
export function writeStatus(status: Status): Markup {
  const { state, components, openIncidents, pastIncidents } = status
  const quiet = openIncidents.length === 0
  const unseen = state === 'operational' && !quiet
  const { sentence, kind } = unseen ? seenByNoProbe : stateWords[state ?? 'unknown']
  return markup`<div class="page paper">
<header class="page-header"><div>
<h1>Status</h1>
<p class="lead">What probes found a minute ago, and what we tell of it. <a href="/status.atom">Follow it by feed</a>.</p>
</div></header>
<p class="verdict ${kind}"><strong>${sentence}</strong> ${quiet ? 'No incident is open.' : undefined}</p>
${
  openIncidents.length === 0
    ? undefined
    : section(
        'open',
        'What is going on',
        openIncidents.map((each) => writeIncident(each, status)),
      )
}
${section('components', 'Components', components.map(writeComponent))}
${section(
  'past',
  'Incidents of the last 90 days',
  pastIncidents.length === 0
    ? [markup`<p>None that is over.</p>`]
    : pastIncidents.map((each) => writeIncident(each, status)),
)}
${section('commitments', 'What we commit to', [writeCommitments(status)])}
</div>`
}

/** Probes ask for little: an incident can be open while they find everything well. */
const seenByNoProbe = {
  sentence: 'The probes find everything working, and an incident is open.',
  kind: 'warning',
} as const

function section(id: string, title: string, content: readonly Markup[]): Markup {
  return markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${content}</section>
`
}

function writeCommitments({ commitments }: Status): Markup {
  return markup`<table class="table"><caption class="visually-hidden">What each severity commits us to</caption>
<thead><tr><th scope="col">Severity</th><th scope="col">Meaning</th><th scope="col">First notice</th><th scope="col">Then every</th><th scope="col">Post-mortem</th></tr></thead>
<tbody>${commitments.map(
    ({ severity, meaning, firstNoticeWithinMinutes, updateEveryMinutes, postMortemWithinMinutes: analysed }) =>
      markup`<tr><td data-title="Severity">${severity}</td><td data-title="Meaning">${meaning}</td><td data-title="First notice">${span(firstNoticeWithinMinutes)}</td><td data-title="Then every">${span(updateEveryMinutes)}</td><td data-title="Post-mortem">${analysed === null ? 'none' : span(analysed)}</td></tr>`,
  )}</tbody></table>`
}
