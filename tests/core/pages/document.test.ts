import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PageDocument, renderDocument } from '../../../core/pages/document.ts'
import { escapeHtml, markup } from '../../../core/pages/markup.ts'

const page: PageDocument = {
  title: 'A page',
  description: 'What it is for.',
  assets: { app: '/assets/a.js', theme: '/assets/t.js', styles: '/assets/s.css', icon: '/assets/i.svg', preload: [] },
  session: false,
}

/** Where the document's own markup is: everything but the texts that were put into it. */
const skeleton = (html: string, ...texts: readonly string[]) =>
  texts.reduce((rest, text) => (text === '' ? rest : rest.replaceAll(escapeHtml(text), '')), html)

test('no text can become markup', () => {
  const plain = skeleton(renderDocument(page), page.title, page.description)
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', 'script', ' onload=', '\n', '`', '-') }),
      (text) => {
        const html = renderDocument({ ...page, title: `~${text}~` })
        expect(skeleton(html, `~${text}~`, page.description)).toBe(plain)
        expect(escapeHtml(text)).not.toMatch(/[<>"']/)
        expect(String(markup`<p title="${text}">${[markup`${text}`]}</p>`)).toBe(
          `<p title="${escapeHtml(text)}">${escapeHtml(text)}</p>`,
        )
      },
    ),
  )
})

test('what a page says stands in its document, for those without scripts; the others say where to go on', () => {
  const said = renderDocument({ ...page, content: markup`<h1>${'Said & done'}</h1>` })
  expect(said).toContain('<main id="main"><h1>Said &amp; done</h1></main>')
  expect(said).not.toContain('<noscript>')
  expect(renderDocument(page)).toMatch(/<noscript>.*href="\/security".*<\/noscript>/)
})

test('H3 a document holds no inline script, no inline style and no address of another site', () => {
  const html = renderDocument({ ...page, assets: { ...page.assets, preload: ['/assets/p.js'] } })
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?:\/\//)
  for (const [, address] of html.matchAll(/ (?:src|href)="([^"]*)"/g)) expect(address).toMatch(/^\/(?!\/)/)
})
