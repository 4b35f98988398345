import { alphabetRows, keyboardRows, neighbourShare, shortestPeriod } from './patterns.ts'

const minimumBytes = 32
const minimumDistinct = 8

/** Phrases that stand in examples. Each is too long to turn up in random hex or base64 by chance. */
const examplePhrase =
  /change[-_. ]?(me|this)|replace[-_. ]?(me|this|with)|example|placeholder|your[-_. ]?(secret|key|master)|openssl[-_. ]rand|<[^>]*>/i

/**
 * Tells why a secret of the configuration must not be used, as the end of a sentence that begins with its name
 * (`is shorter than 32 bytes`), or undefined where nothing speaks against it. The reason never holds the secret.
 *
 * No test can prove a secret random: this finds the ones that plainly are not. Random hex or base64 of 32 bytes
 * passes (a false refusal has a probability below 10⁻⁷).
 */
export function refuseWeakSecret(secret: string): string | undefined {
  const characters = [...secret]
  const period = shortestPeriod(characters)
  if (characters.length === 0) return 'is not set'
  if (new Set(characters).size === 1) return 'repeats one character'
  if (Buffer.byteLength(secret) < minimumBytes) return `is shorter than ${minimumBytes} bytes`
  if (examplePhrase.test(secret)) return 'is the example value'
  if (period < minimumBytes && period * 2 <= characters.length) return 'repeats a short pattern'
  if (new Set(characters).size < minimumDistinct) return 'has too few distinct characters'
  const folded = [...secret.toLowerCase()]
  if (neighbourShare(folded, [...alphabetRows, ...keyboardRows]) > 0.75) return 'runs through neighbouring characters'
  return undefined
}
