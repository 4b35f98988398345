import { type Markup, markup } from '../../core/pages/markup.ts'

const shown = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** A moment that reads the same wherever it is read. Milliseconds since the epoch. */
export function moment(at: number): Markup {
  return markup`<time datetime="${new Date(at).toISOString()}">${shown.format(at)} UTC</time>`
}
