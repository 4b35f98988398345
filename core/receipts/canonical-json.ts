export type Canonical = string | number | { readonly [name: string]: Canonical }

/**
 * The one text of a value, whoever writes it: members sorted by name, no white space. Source: RFC 8785, of which
 * strings, safe integers and objects suffice here. Throws RangeError for any other number and for text that is no
 * well-formed Unicode.
 */
export function canonicalJson(value: Canonical): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new RangeError('the text holds half of a surrogate pair')
    return JSON.stringify(value)
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError('the number is no safe integer')
    return JSON.stringify(value)
  }
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`).join(',')}}`
}
