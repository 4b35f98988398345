/** Far deeper than any prompt or tool is, far less than what makes recursive code of others overflow its stack. */
const deepest = 256

/**
 * Why a JSON text that `JSON.parse` takes is refused nonetheless, as a sentence; undefined where it is not.
 *
 * Two members of one name: `JSON.parse` takes the last, other readers the first, so a body that is checked here and
 * forwarded as it came could say one thing to us and another to them (RFC 8259, section 4). Nesting without a limit:
 * whoever walks the value after us may recurse. This walk costs memory for the nesting, not stack.
 */
export function faultOfJson(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(undefined)
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfString(text, at)
      const members = open.at(-1)
      if (members !== undefined && isKey(text, end)) {
        const name = nameIn(text.slice(at, end + 1))
        if (members.has(name)) return 'A key is repeated.'
        members.add(name)
      }
      at = end
    }
    if (open.length > deepest) return `The nesting is deeper than ${deepest}.`
  }
  return undefined
}

/** The place of the quote that closes the string opened at `start`: one before which stand no or evenly many `\`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes += 1
    if (slashes % 2 === 0) return end
  }
  return text.length
}

function isKey(text: string, end: number): boolean {
  let next = end + 1
  while (text[next] === ' ' || text[next] === '\n' || text[next] === '\r' || text[next] === '\t') next += 1
  return text[next] === ':'
}

function nameIn(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1)
}
