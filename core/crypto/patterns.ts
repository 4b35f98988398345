/** The length of the shortest unit that, repeated, gives the text. `abcabca` → 3; the text's own length if none. */
export function shortestPeriod(characters: readonly string[]): number {
  for (let period = 1; period < characters.length; period += 1) {
    if (characters.every((character, at) => at < period || character === characters[at - period])) return period
  }
  return characters.length
}

/**
 * The share, 0 to 1, of steps from one character to the next that repeat it or move to its neighbour on one of the
 * rows, forwards or backwards. `abcdef` on the alphabet → 1.
 */
export function neighbourShare(characters: readonly string[], rows: readonly string[]): number {
  const steps = characters.length - 1
  if (steps < 1) return 0
  let near = 0
  for (let at = 0; at < steps; at += 1) {
    const [from, to] = [characters[at] ?? '', characters[at + 1] ?? '']
    if (from === to || rows.some((row) => row.includes(from + to) || row.includes(to + from))) near += 1
  }
  return near / steps
}

export const alphabetRows = ['abcdefghijklmnopqrstuvwxyz', '01234567890'] as const

/** Rows of the keyboard, and the columns that people type as `1qaz2wsx`. */
export const keyboardRows = [
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '!@#$%^&*()',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
] as const
