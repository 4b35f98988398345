import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashToken, issueToken, isWellFormedToken, randomLinkToken } from '../../../core/crypto/tokens.ts'

const base62 = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz']

describe('an issued token', () => {
  test('T1 carries the prefix and 49 characters of base62, passes offline and never comes twice', () => {
    const tokens = Array.from({ length: 5_000 }, () => issueToken().token)
    expect(tokens.filter((token) => !/^oort_[0-9A-Za-z]{49}$/.test(token))).toEqual([])
    expect(tokens.filter((token) => !isWellFormedToken(token))).toEqual([])
    expect(new Set(tokens).size).toBe(tokens.length)
  })

  test('T1 is stored as SHA-256 and four characters, which do not hold it', () => {
    const { token, hash, lastFour } = issueToken()
    expect(hash).toEqual(createHash('sha256').update(token).digest())
    expect(hashToken(token)).toEqual(hash)
    expect(lastFour).toBe(token.slice(-4))
  })

  test('T1 with any one character changed does not pass', () => {
    const { token } = issueToken()
    for (let at = 0; at < token.length; at += 1) {
      const changed = base62.filter((character) => character !== token[at])
      const passing = changed.filter((character) =>
        isWellFormedToken(token.slice(0, at) + character + token.slice(at + 1)),
      )
      expect(passing).toEqual([])
    }
  })

  test('T1 is told from 10^5 random strings: none passes offline', () => {
    const body = () => Array.from(randomBytes(49), (byte) => base62[byte % 62]).join('')
    const rightShape = Array.from({ length: 70_000 }, () => `oort_${body()}`)
    const anyShape = fc.sample(fc.string({ unit: 'binary', maxLength: 80 }), 30_000)
    expect([...rightShape, ...anyShape].filter(isWellFormedToken)).toEqual([])
  })

  test('T1 has the checksum of a format that scanners know: CRC-32 of prefix and body, in base62', () => {
    expect(isWellFormedToken(`oort_${'0'.repeat(43)}1Yfmak`)).toBe(true)
    // The same checksum, rightly computed, under other prefixes and lengths
    for (const foreign of [
      `xoort_${'0'.repeat(43)}0kZ6f3`,
      `oork_${'0'.repeat(43)}39M70r`,
      `oort_${'0'.repeat(42)}0r1xtR`,
    ]) {
      expect(isWellFormedToken(foreign)).toBe(false)
    }
    const { token } = issueToken()
    for (const altered of [` ${token}`, `${token}\n`, token.toUpperCase(), token.slice(5), token.slice(0, -1)]) {
      expect(isWellFormedToken(altered)).toBe(false)
    }
  })
})

test('a link token holds 256 random bits in characters that a URL takes as they are', () => {
  const links = Array.from({ length: 1_000 }, randomLinkToken)
  for (const { token, hash } of links) {
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(hash).toEqual(hashToken(token))
  }
  expect(new Set(links.map(({ token }) => token)).size).toBe(1_000)
})
