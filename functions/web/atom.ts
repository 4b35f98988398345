/** An Atom feed (RFC 4287). Times are milliseconds since the epoch; texts are plain. */
export interface AtomFeed {
  /** Feed and entries are known by their ids, which never change. */
  readonly id: string
  readonly title: string
  readonly author: string
  /** The feed's own address, and that of the page it follows. */
  readonly self: string
  readonly page: string
  readonly updated: number
  readonly entries: readonly AtomEntry[]
}

export interface AtomEntry {
  readonly id: string
  readonly title: string
  readonly link: string
  readonly updated: number
  readonly categories: readonly string[]
  readonly content: string
}

export function writeAtom({ id, title, author, self, page, updated, entries }: AtomFeed): string {
  const feed = element('feed', { xmlns: 'http://www.w3.org/2005/Atom', 'xml:lang': 'en' }, [
    element('id', {}, [escaped(id)]),
    element('title', {}, [escaped(title)]),
    element('updated', {}, [dateOf(updated)]),
    element('author', {}, [element('name', {}, [escaped(author)])]),
    element('link', { rel: 'self', type: 'application/atom+xml', href: self }),
    element('link', { rel: 'alternate', type: 'text/html', href: page }),
    ...entries.map(writeEntry),
  ])
  return `<?xml version="1.0" encoding="utf-8"?>\n${feed}\n`
}

function writeEntry({ id, title, link, updated, categories, content }: AtomEntry): string {
  return element('entry', {}, [
    element('id', {}, [escaped(id)]),
    element('title', {}, [escaped(title)]),
    element('updated', {}, [dateOf(updated)]),
    element('link', { rel: 'alternate', type: 'text/html', href: link }),
    ...categories.map((term) => element('category', { term })),
    element('content', { type: 'text' }, [escaped(content)]),
  ])
}

function dateOf(time: number): string {
  return new Date(time).toISOString()
}

/** `content` is markup already. */
function element(name: string, attributes: Readonly<Record<string, string>>, content: readonly string[] = []): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`)
  const tag = name + written.join('')
  return content.length === 0 ? `<${tag}/>` : `<${tag}>${content.join('')}</${name}>`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text as XML 1.0 can hold it (section 2.2): what it cannot becomes U+FFFD. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[&<>"]/g, (character) => entities[character] ?? character)
}
