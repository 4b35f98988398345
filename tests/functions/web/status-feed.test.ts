import { DOMParser, type Document, type Element, onErrorStopParsing } from '@xmldom/xmldom'
import { afterAll, expect, test } from 'vitest'
import { minute, second } from '../../../core/clock.ts'
import { openIncident } from '../../../core/incidents/open-incident.ts'
import { updateIncident } from '../../../core/incidents/update-incident.ts'
import { writeAtom } from '../../../functions/web/atom.ts'
import { opening, update } from '../../core/incidents/lab.ts'
import { ask } from '../../support/http.ts'
import { startOort } from '../../support/oort.ts'

let now = Date.UTC(2026, 10, 24, 12)
const oort = await startOort({ clock: () => now })
afterAll(() => oort.close())

const parse = (xml: string): Document => new DOMParser({ onError: onErrorStopParsing }).parseFromString(xml, 'text/xml')

async function readFeed() {
  now += 5 * second
  const { headers, text } = await ask(oort.origin, { path: '/status.atom' })
  expect(headers['content-type']).toBe('application/atom+xml; charset=utf-8')
  return parse(text)
}

const children = (parent: Element | Document | null, name: string): Element[] =>
  Array.from(parent?.childNodes ?? []).filter(
    (node): node is Element =>
      node.nodeName === name && (node as Element).namespaceURI === 'http://www.w3.org/2005/Atom',
  )
const textOf = (parent: Element | null, name: string) => children(parent, name).map((each) => each.textContent)
const entriesOf = (feed: Document) => children(feed.documentElement, 'entry')

/** RFC 3339. */
const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

test('a feed without entries is a feed', async () => {
  const feed = (await readFeed()).documentElement
  expect([feed?.nodeName, feed?.namespaceURI]).toEqual(['feed', 'http://www.w3.org/2005/Atom'])
  expect(textOf(feed, 'id')).toEqual(['tag:oort.test,2026:status'])
  expect(textOf(feed, 'title')).toEqual(['Oort: status'])
  expect(textOf(feed, 'updated')).toEqual([expect.stringMatching(date)])
  expect(textOf(children(feed, 'author')[0] ?? null, 'name')).toEqual(['Oort'])
  expect(children(feed, 'link').map((link) => [link.getAttribute('rel'), link.getAttribute('href')])).toEqual([
    ['self', 'https://oort.test/status.atom'],
    ['alternate', 'https://oort.test/status'],
  ])
})

test('each notice is an entry with what RFC 4287 demands, the newest first, and keeps its id', async () => {
  const openedAt = now
  const id = await openIncident(oort.platform, 'console', {
    ...opening,
    title: 'A & B <c> "d"',
    text: 'x < y && "z"\n— ✓ ]]>',
  })
  const [before] = entriesOf(await readFeed())
  now += minute
  const updatedAt = now
  await updateIncident(oort.platform, 'console', id, update({}))
  const feed = await readFeed()
  const entries = entriesOf(feed)
  expect(entries.map((entry) => [textOf(entry, 'title'), textOf(entry, 'content'), textOf(entry, 'updated')])).toEqual([
    [['A & B <c> "d": identified'], ['We know why.'], [new Date(updatedAt).toISOString()]],
    [['A & B <c> "d": investigating'], ['x < y && "z"\n— ✓ ]]>'], [new Date(openedAt).toISOString()]],
  ])
  expect(textOf(feed.documentElement, 'updated')).toEqual([new Date(updatedAt).toISOString()])
  const ids = entries.map((entry) => textOf(entry, 'id')[0])
  expect(new Set(ids).size).toBe(2)
  // Source of the form: RFC 4151.
  for (const each of ids) expect(each).toMatch(/^tag:oort\.test,2026:iup_[0-9a-f-]{36}$/)
  expect(ids[1]).toBe(textOf(before ?? null, 'id')[0])
  for (const entry of entries) {
    expect(children(entry, 'link').map((link) => link.getAttribute('href'))).toEqual([`https://oort.test/status#${id}`])
    expect(children(entry, 'category').map((category) => category.getAttribute('term'))).toEqual(['openai'])
  }
})

test('what XML cannot hold is replaced, wherever it stands', () => {
  const nasty = '\u0000\u0008\u001f\ufffe\uffff\ud800a\udfff<&>"\'\t\u{1f30c}'
  const entry = {
    id: 'tag:x,2026:1',
    title: nasty,
    link: `https://x/${nasty}`,
    updated: 0,
    categories: [nasty],
    content: nasty,
  }
  const feed = { id: 'tag:x,2026:0', title: nasty, author: nasty, self: 'https://x', page: 'https://x', updated: 0 }
  const [read] = entriesOf(parse(writeAtom({ ...feed, entries: [entry] })))
  const kept = '\ufffd\ufffd\ufffd\ufffd\ufffd\ufffda\ufffd<&>"\'\t\u{1f30c}'
  expect(textOf(read ?? null, 'content')).toEqual([kept])
  expect(children(read ?? null, 'link')[0]?.getAttribute('href')).toContain('<&>')
})
