import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Status } from '../../core/incidents/status.ts'
import type { Platform } from '../../core/platform.ts'
import { type AtomEntry, writeAtom } from './atom.ts'
import { remember } from './remember.ts'

/** Every notice of the incidents of the last 90 days as an Atom feed (RFC 4287), newest first. */
export function tellStatusFeed({ config, clock }: Platform, readStatus: () => Promise<Status>): Operation {
  const { publicUrl } = config
  const answer = remember(clock, 'application/atom+xml; charset=utf-8', 60, async () => {
    const entries = entriesOf(await readStatus(), publicUrl)
    return writeAtom({
      id: tagOf(publicUrl, 'status'),
      title: 'Oort: status',
      author: 'Oort',
      self: `${publicUrl}/status.atom`,
      page: `${publicUrl}/status`,
      // A feed without entries has never changed.
      updated: entries[0]?.updated ?? 0,
      entries,
    })
  })
  return operation({
    method: 'GET',
    url: '/status.atom',
    access: 'public',
    summary: 'The notices about incidents as an Atom feed',
    schema: { response: { 200: z.string(), 304: z.null() } },
    handle: ({ headers }) => answer(headers),
  })
}

function entriesOf({ openIncidents, pastIncidents }: Status, publicUrl: string): AtomEntry[] {
  return [...openIncidents, ...pastIncidents]
    .flatMap(({ id: incidentId, title, components, updates }) =>
      updates.map(({ id, state, text, at }) => ({
        id: tagOf(publicUrl, id),
        title: `${title}: ${state}`,
        link: `${publicUrl}/status#${incidentId}`,
        updated: at,
        categories: components,
        content: text,
      })),
    )
    .toSorted((one, other) => other.updated - one.updated)
}

/** An id that outlives any change of address within this host. Source: RFC 4151. */
function tagOf(publicUrl: string, name: string): string {
  return `tag:${new URL(publicUrl).hostname},2026:${name}`
}
