import type { PageAssets } from './assets.ts'

/** What differs from one page's document to another's. All of it is text: it is escaped here. */
export interface PageDocument {
  readonly title: string
  readonly description: string
  readonly assets: PageAssets
  /** Whether the browser sent a session that may still be good, so that the page asks who is there, or need not. */
  readonly session: boolean
}

/**
 * The HTML document of a page. It holds no inline script, no inline style and nothing of a user: the script fills it.
 * `theme` runs before the first paint, so that a remembered theme does not flash; everything else waits for nothing.
 */
export function renderDocument({ title, description, assets, session }: PageDocument): string {
  const { theme, styles, icon, app, preload } = assets
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<meta name="description" content="${escapeHtml(description)}">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#fbfbfd" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0e1016" media="(prefers-color-scheme: dark)">
<meta name="oort-session" content="${session ? 'sent' : 'none'}">
<script src="${escapeHtml(theme)}"></script>
<link rel="stylesheet" href="${escapeHtml(styles)}">
<link rel="icon" type="image/svg+xml" href="${escapeHtml(icon)}">
${preload.map((path) => `<link rel="modulepreload" href="${escapeHtml(path)}">`).join('\n')}
<script type="module" src="${escapeHtml(app)}"></script>
</head>
<body>
<div id="app"></div>
<noscript><p class="noscript">This page is drawn by JavaScript, which is switched off here. The API works without it: see /api/openapi.json.</p></noscript>
</body>
</html>
`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for element content and quoted attributes. Source: OWASP Cross Site Scripting Prevention Cheat Sheet, rules 1 and 2. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}
