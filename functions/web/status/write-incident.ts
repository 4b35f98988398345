import type { IncidentRecord } from '../../../core/incidents/read-incidents.ts'
import type { Status } from '../../../core/incidents/status.ts'
import { type Markup, markup } from '../../../core/pages/markup.ts'
import { moment } from '../moment.ts'
import { componentNames, incidentStateNames, span } from './words.ts'

/** An incident with its notices, and what its tier commits us to: what is late says so. */
export function writeIncident(incident: IncidentRecord, { commitments }: Pick<Status, 'commitments'>): Markup {
  const { id, title, severity, components, state, startedAt, resolvedAt, updates } = incident
  const tier = commitments.find((each) => each.severity === severity)
  return markup`<article class="incident" id="${id}">
<header><h3>${title}</h3><span class="tag ${resolvedAt === null ? 'warning' : 'neutral'}">${incidentStateNames[state]}</span></header>
<p class="facts-line">${severity}${tier && markup`, a notice every ${span(tier.updateEveryMinutes)}`}. ${components.map((name) => componentNames[name]).join(', ')}. From ${moment(startedAt)}${resolvedAt === null ? undefined : markup` to ${moment(resolvedAt)}`}.</p>
${writeOwed(incident)}
<ol class="updates">${updates.map(
    ({ state: then, text, at }) =>
      markup`<li><p class="facts-line"><strong>${incidentStateNames[then]}</strong>, ${moment(at)}</p><p class="notice-text">${text}</p></li>\n`,
  )}</ol>
</article>
`
}

function writeOwed({ nextUpdateDueAt, postMortemDueAt, postMortemUrl, overdue }: IncidentRecord): Markup {
  const late = markup` <span class="tag danger">Late</span>`
  const lines = [
    nextUpdateDueAt === null
      ? []
      : markup`<li>Next notice by ${moment(nextUpdateDueAt)}${overdue.includes('update') ? late : undefined}</li>`,
    postMortemDueAt === null
      ? []
      : markup`<li>Post-mortem by ${moment(postMortemDueAt)}${overdue.includes('post_mortem') ? late : undefined}</li>`,
    postMortemUrl === null ? [] : markup`<li><a href="${postMortemUrl}" rel="noreferrer">Read the post-mortem</a></li>`,
  ].flat()
  return lines.length === 0 ? markup`` : markup`<ul class="owed">${lines}</ul>`
}
