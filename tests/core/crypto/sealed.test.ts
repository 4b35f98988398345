import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decrypt, encrypt } from '../../../core/crypto/aes-gcm.ts'
import { open, type SealContext, type Sealed, seal } from '../../../core/crypto/sealed.ts'
import { OortError } from '../../../core/errors.ts'
import { figure } from '../../support/figure.ts'

const key = createSecretKey(randomBytes(32))
const home: SealContext = {
  table: 'provider_keys',
  column: 'secret',
  rowId: 'key_1',
  userId: 'usr_1',
  provider: 'openai',
}

/** The whole of what an outsider can learn from a refusal. */
function refusal(attempt: () => unknown): unknown {
  try {
    attempt()
  } catch (error) {
    if (!(error instanceof OortError)) throw error
    return { code: error.code, message: error.message, facts: error.facts, cause: error.cause }
  }
  return 'opened'
}

const oneRefusal = {
  code: 'DECRYPTION_FAILED',
  message: 'A sealed value could not be opened',
  facts: {},
  cause: undefined,
}

function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
  return copy
}

const bits = (bytes: Uint8Array) => Array.from({ length: bytes.length * 8 }, (_, bit) => bit)

const word = fc.string({ unit: 'binary', maxLength: 12 })
const anyContext = fc.record<SealContext>(
  { table: word, column: word, rowId: word, userId: word, provider: word },
  { requiredKeys: ['table', 'column', 'rowId', 'userId'] },
)

describe('a sealed value', () => {
  test('opens to what was sealed, whatever the bytes and the context', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        anyContext,
        fc.integer({ min: 1, max: 2 ** 31 }),
        (bytes, context, version) => {
          const sealed = seal(key, version, bytes, context)
          expect(open(key, sealed, context).equals(bytes)).toBe(true)
          expect(sealed.ciphertext).toHaveLength(bytes.length)
        },
      ),
    )
  })

  test('opens in no other context: text that slides from one part into the next changes the binding', () => {
    fc.assert(
      fc.property(anyContext, anyContext, (sealedFor, openedFor) => {
        fc.pre(JSON.stringify(Object.entries(sealedFor)) !== JSON.stringify(Object.entries(openedFor)))
        const sealed = seal(key, 1, Buffer.from('secret'), sealedFor)
        expect(refusal(() => open(key, sealed, openedFor))).toEqual(oneRefusal)
      }),
    )
    const joined = seal(key, 1, Buffer.from('secret'), { ...home, rowId: 'key_12', userId: '3' })
    expect(refusal(() => open(key, joined, { ...home, rowId: 'key_1', userId: '23' }))).toEqual(oneRefusal)
    expect(refusal(() => open(key, joined, { ...home, rowId: 'key_12","3', userId: '' }))).toEqual(oneRefusal)
  })

  test('tells an absent provider from an empty one and from one that is called null', () => {
    const { provider: _, ...without } = home
    const contexts: SealContext[] = [without, { ...home, provider: '' }, { ...home, provider: 'null' }]
    for (const sealedFor of contexts) {
      const sealed = seal(key, 1, Buffer.from('secret'), sealedFor)
      const opened = contexts.filter((context) => refusal(() => open(key, sealed, context)) === 'opened')
      expect(opened).toEqual([sealedFor])
    }
  })

  test('K2 is refused with one generic error for every flipped bit of iv, tag, ciphertext, version and AAD', ({
    task,
  }) => {
    const rows: [string, SealContext][] = [
      ['sk-proj-0123456789abcdef', home],
      ['', { table: 'users', column: 'email', rowId: 'usr_2', userId: 'usr_2' }],
      ['ünïcödé', { table: 'runs', column: 'prompt', rowId: 'run_3', userId: 'usr_3', provider: 'anthropic' }],
    ]
    const outcomes = rows.flatMap(([plaintext, context], row) => {
      const sealed = seal(key, row + 1, Buffer.from(plaintext), context)
      expect(open(key, sealed, context).toString()).toBe(plaintext)
      const tampered: Sealed[] = [
        ...bits(sealed.iv).map((bit) => ({ ...sealed, iv: flipped(sealed.iv, bit) })),
        ...bits(sealed.tag).map((bit) => ({ ...sealed, tag: flipped(sealed.tag, bit) })),
        ...bits(sealed.ciphertext).map((bit) => ({ ...sealed, ciphertext: flipped(sealed.ciphertext, bit) })),
        ...Array.from({ length: 31 }, (_, bit) => ({ ...sealed, keyVersion: sealed.keyVersion ^ (1 << bit) })),
      ]
      return tampered.map((value) => refusal(() => open(key, value, context)))
    })

    const aads = rows.map(([, context]) => Buffer.from(JSON.stringify(context)))
    for (const aad of aads) {
      const box = encrypt(key, Buffer.from('secret'), aad)
      expect(decrypt(key, box, aad).toString()).toBe('secret')
      outcomes.push(...bits(aad).map((bit) => refusal(() => decrypt(key, box, flipped(aad, bit)))))
    }
    expect(outcomes.length).toBeGreaterThan(2_000)
    for (const outcome of outcomes) expect(outcome).toEqual(oneRefusal)
    figure(task, `${outcomes.length} of ${outcomes.length} flipped bits refused`)
  })

  test('K3 is refused with a tag of 0 to 15 bytes, even where those are the right ones, and with any longer tag', () => {
    const sealed = seal(key, 1, Buffer.from('secret'), home)
    for (let length = 0; length < 16; length += 1) {
      expect(refusal(() => open(key, { ...sealed, tag: sealed.tag.subarray(0, length) }, home))).toEqual(oneRefusal)
    }
    const long = Buffer.concat([sealed.tag, Buffer.alloc(1)])
    expect(refusal(() => open(key, { ...sealed, tag: long }, home))).toEqual(oneRefusal)
  })

  test('K3 is refused with an IV of other than 12 bytes', () => {
    const sealed = seal(key, 1, Buffer.from('secret'), home)
    for (const length of [0, 1, 7, 8, 11, 13, 16, 32]) {
      const iv = Buffer.concat([sealed.iv, Buffer.alloc(32)]).subarray(0, length)
      expect(refusal(() => open(key, { ...sealed, iv }, home))).toEqual(oneRefusal)
    }
    // GCM itself takes other lengths: these boxes are genuine but for the length of their IV.
    for (const length of [1, 8, 11, 13, 16, 32]) {
      const iv = randomBytes(length)
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 })
      const ciphertext = Buffer.concat([cipher.update('secret'), cipher.final()])
      const box = { iv, ciphertext, tag: cipher.getAuthTag() }
      expect(refusal(() => decrypt(key, box, new Uint8Array(0)))).toEqual(oneRefusal)
    }
  })

  test('K4 opens in its own row alone: moved between users, rows, providers or columns it is refused', () => {
    const contexts: SealContext[] = ['usr_a', 'usr_b'].flatMap((userId) =>
      ['key_a', 'key_b'].flatMap((rowId) => [
        ...['openai', 'anthropic', 'cerebras'].map((provider) => ({ ...home, rowId, userId, provider })),
        { table: 'provider_keys', column: 'note', rowId, userId },
        { table: 'runs', column: 'secret', rowId, userId, provider: 'openai' },
      ]),
    )
    expect(contexts).toHaveLength(20)
    const rows = contexts.map((context) => seal(key, 1, Buffer.from('secret'), context))
    const opened = rows.map((row) =>
      contexts.flatMap((context, at) => (refusal(() => open(key, row, context)) === 'opened' ? [at] : [])),
    )
    expect(opened).toEqual(contexts.map((_, at) => [at]))
  })

  test('is refused by another key with the same error, and so is a key of the wrong size', () => {
    const sealed = seal(key, 1, Buffer.from('secret'), home)
    for (const other of [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(16))]) {
      expect(refusal(() => open(other, sealed, home))).toEqual(oneRefusal)
    }
  })

  test('K8 never repeats an IV in 10^6 encryptions', { timeout: 60_000 }, () => {
    const count = 1_000_000
    const [front, back] = [new Float64Array(count), new Float64Array(count)]
    const nothing = new Uint8Array(0)
    for (let at = 0; at < count; at += 1) {
      const { iv } = encrypt(key, nothing, nothing)
      front[at] = iv.readUIntBE(0, 6)
      back[at] = iv.readUIntBE(6, 6)
    }
    // Sorting one half finds the few IVs that could be equal; a Set of a million strings would take longer than the rest.
    const sorted = front.toSorted()
    const shared = new Set(sorted.filter((half, at) => half === sorted[at + 1]))
    const suspects: string[] = []
    front.forEach((half, at) => {
      if (shared.has(half)) suspects.push(`${half}/${back[at]}`)
    })
    expect(new Set(suspects).size).toBe(suspects.length)
  })
})
