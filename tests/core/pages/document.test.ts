import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeHtml, type PageDocument, renderDocument } from '../../../core/pages/document.ts'

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
      },
    ),
  )
})

test('H3 a document holds no inline script, no inline style and no address of another site', () => {
  const html = renderDocument({ ...page, assets: { ...page.assets, preload: ['/assets/p.js'] } })
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?:\/\//)
  for (const [, address] of html.matchAll(/ (?:src|href)="([^"]*)"/g)) expect(address).toMatch(/^\/assets\//)
})
