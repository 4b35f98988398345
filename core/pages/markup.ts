/** HTML that is safe to send. `markup` alone makes it. */
export class Markup {
  readonly #html: string

  constructor(html: string) {
    this.#html = html
  }

  toString(): string {
    return this.#html
  }
}

/** What can stand in a template: text and numbers are escaped, markup goes in as it is, undefined is nothing. */
export type Piece = string | number | undefined | Markup | readonly Markup[]

/**
 * Puts a document together: `markup`<p title="${text}">${text}</p>``. Values can stand as element content and inside
 * quoted attributes, nowhere else: not as names, not in scripts or styles, and an address only where it is ours.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return new Markup(parts.reduce((html, part, at) => html + written(values[at - 1]) + part))
}

function written(piece: Piece): string {
  if (piece === undefined) return ''
  if (piece instanceof Markup) return piece.toString()
  return typeof piece === 'object' ? piece.join('') : escapeHtml(String(piece))
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
