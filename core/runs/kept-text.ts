/** The longest output that is kept of one run, in UTF-16 code units: about 4 MiB of plain English. */
export const maxKeptLength = 4 * 1024 * 1024

/** How many pieces are joined at once: a long chain of tiny strings takes many times the memory of their text. */
const joinedAtOnce = 512

export interface KeptText {
  add(text: string): void
  /** The bytes of all that was added, in UTF-8, whether kept or not. */
  readonly byteLength: number
  /** What was added, cut to `maxKeptLength`. */
  text(): string
}

/**
 * Gathers the text of an answer and bounds what is kept of it. A text that was cut ends in an ellipsis and has exactly
 * `maxKeptLength` code units, which no whole one has: `isCut` tells them apart without a column of its own.
 */
export function createKeptText(): KeptText {
  const joined: string[] = []
  let recent: string[] = []
  let length = 0
  let byteLength = 0
  return {
    add(text) {
      byteLength += Buffer.byteLength(text)
      if (length >= maxKeptLength) return
      length += text.length
      recent.push(text)
      if (recent.length < joinedAtOnce) return
      joined.push(recent.join(''))
      recent = []
    },
    get byteLength() {
      return byteLength
    },
    text() {
      const whole = joined.join('') + recent.join('')
      if (whole.length < maxKeptLength) return whole
      const start = whole.slice(0, maxKeptLength - 1)
      return `${start.isWellFormed() ? start : `${start.slice(0, -1)}…`}…`
    },
  }
}

/** Whether an output was longer than what was kept of it. */
export function isCut(output: string): boolean {
  return output.length === maxKeptLength
}
