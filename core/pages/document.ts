import type { PageAssets } from './assets.ts'
import { type Markup, markup } from './markup.ts'

/** What differs from one page's document to another's. All of it is text, and escaped here, but for `content`. */
export interface PageDocument {
  readonly title: string
  readonly description: string
  readonly assets: PageAssets
  /** Whether the browser sent a session that may still be good, so that the page asks who is there, or need not. */
  readonly session: boolean
  /** What the page says, for those that can be read without scripts. The script takes it over as it stands. */
  readonly content?: Markup | undefined
  /** An Atom feed that tells the same. */
  readonly feed?: { readonly title: string; readonly href: string } | undefined
}

/**
 * The HTML document of a page. It holds no inline script, no inline style and nothing of a user: the script fills it.
 * `theme` runs before the first paint, so that a remembered theme does not flash; everything else waits for nothing.
 */
export function renderDocument({ title, description, assets, session, content, feed }: PageDocument): string {
  const { theme, styles, icon, app, preload } = assets
  return `${markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<meta name="description" content="${description}">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#fbfbfd" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0e1016" media="(prefers-color-scheme: dark)">
<meta name="oort-session" content="${session ? 'sent' : 'none'}">
<script src="${theme}"></script>
<link rel="stylesheet" href="${styles}">
<link rel="icon" type="image/svg+xml" href="${icon}">
${feed && markup`<link rel="alternate" type="application/atom+xml" title="${feed.title}" href="${feed.href}">`}
${preload.map((path) => markup`<link rel="modulepreload" href="${path}">\n`)}
<script type="module" src="${app}"></script>
</head>
<body>
<div id="app">${content && withHeader(content)}</div>
${content === undefined ? withoutScripts : undefined}
</body>
</html>
`}`
}

const withoutScripts = markup`<noscript><p class="noscript">This page is drawn by JavaScript, which is switched off here. These can be read without it: <a href="/security">security</a>, <a href="/status">status</a> and <a href="/api/openapi.json">the API</a>, which works without it too.</p></noscript>`

/** The frame that the script draws too, in the form that needs none. */
function withHeader(content: Markup): Markup {
  return markup`
<header class="site-header"><div class="site-header-inner"><a class="brand" href="/">Oort</a></div></header>
<main id="main">${content}</main>
`
}
