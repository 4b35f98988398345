import { commonPasswords } from './common-passwords.ts'
import { alphabetRows, keyboardRows, neighbourShare, shortestPeriod } from './patterns.ts'

/** A unit this short adds nothing by being repeated. */
const shortUnit = 8
/** Digits and signs that people put around a word: `password2024`, `!!password!!`. */
const shortPadding = 4

/** Made at the first use: most processes start and never see a new password. */
let commonSet: ReadonlySet<string> | undefined
function isListed(text: string): boolean {
  commonSet ??= new Set(commonPasswords.trim().split(/\s+/))
  return commonSet.has(text)
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim()
}

function squeeze(text: string): string {
  return text.replace(/[\s._-]+/g, '')
}

function isWalk(text: string): boolean {
  return neighbourShare([...text], [...alphabetRows, ...keyboardRows]) > 0.75
}

function isCommon(text: string, isKnown: (text: string) => boolean): boolean {
  if (isKnown(text) || isWalk(text)) return true

  const characters = [...text]
  const period = shortestPeriod(characters)
  if (period * 2 <= characters.length) {
    return period < shortUnit || isCommon(characters.slice(0, period).join(''), isKnown)
  }

  const [, before = '', word = '', after = ''] = /^(\P{L}*)(.*?)(\P{L}*)$/su.exec(text) ?? []
  if (word === '' || word === text) return false
  const padding = [before, after]
  return isCommon(word, isKnown) && padding.every((part) => part.length <= shortPadding || isCommon(part, isKnown))
}

/**
 * Whether a guesser who starts at the list of common passwords would come to this one soon. Since few common passwords
 * have 15 characters, a common one repeated or padded counts too, as do a short unit repeated and a walk along the
 * keyboard or the alphabet. `personal` are words that this account's attacker knows, such as the e-mail address: they
 * count as if they were on the list, and so does our own name.
 */
export function isCommonPassword(password: string, personal: readonly string[]): boolean {
  const known = new Set(personal.flatMap((word) => [fold(word), squeeze(fold(word))]))
  const isKnown = (text: string): boolean => text === 'oort' || isListed(text) || known.has(text)
  const folded = fold(password)
  return isCommon(folded, isKnown) || isCommon(squeeze(folded), isKnown)
}
