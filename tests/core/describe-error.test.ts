import { describe, expect, test } from 'vitest'
import { describeError, placesOf } from '../../core/describe-error.ts'
import { OortError } from '../../core/errors.ts'

const secret = 'sk-proj-4f1bZq8Wn0TtYc2LkEo7'

/** Whatever is told of an error, as text. */
const told = (error: unknown) => JSON.stringify(describeError(error))

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('D3 what is told of an error holds no value', () => {
  const hostile: Readonly<Record<string, () => unknown>> = {
    'in its message': () => new Error(secret),
    'in lines of its message that look like places': () =>
      new Error(`x\n    at ${secret} (file:///srv/core/a.ts:1:1)\n    at ${secret}`),
    'in the name of a file of such a place': () => new Error(`x\n    at f (file:///core/${secret}.ts:1:1)`),
    'in its name': () => Object.assign(new Error('x'), { name: secret }),
    'in its code': () => Object.assign(new Error('x'), { code: secret }),
    'in a code of capitals, as second factors have their secrets': () =>
      Object.assign(new Error('x'), { code: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', name: 'JBSWY3DPEHPK3PXP' }),
    'in a stack of its own making': () =>
      Object.assign(new Error('x'), { stack: `Error: ${secret}\n    at ${secret}` }),
    'in its causes': () => new Error('x', { cause: new Error(secret, { cause: { secret } }) }),
    'in members of its own': () => Object.assign(new Error('x'), { headers: { authorization: secret }, key: secret }),
    'in what a parser quotes': () => thrownBy(() => JSON.parse(`{"key":"${secret}`)),
    'as the thing that was thrown': () => secret,
    'within the thing that was thrown': () => ({ message: secret, code: secret, stack: secret }),
    'in the detail of one of ours': () => new OortError('INTERNAL', { detail: secret }, new Error(secret)),
  }
  test.each(Object.entries(hostile))('%s', (_where, make) => {
    const text = told(make())
    for (const word of [secret, 'JBSWY3DPEHPK3PXP']) expect(text).not.toContain(word)
  })
})

test('the name, the code and the places in our code remain, without the folder that the code lies in', () => {
  const error = Object.assign(new TypeError('x'), { code: 'ERR_INVALID_ARG_TYPE' })
  const { name, code, at } = describeError(error)
  expect([name, code]).toEqual(['TypeError', 'ERR_INVALID_ARG_TYPE'])
  expect(at?.[0]).toMatch(/^\S+ tests\/core\/describe-error\.test\.ts:\d+:\d+$/)
  expect(told(error)).not.toContain(process.cwd())
  for (const known of ['SQLITE_CONSTRAINT_PRIMARYKEY', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'E2BIG', 'EAUTH']) {
    expect(describeError(Object.assign(new Error('x'), { code: known })).code).toBe(known)
  }
})

test('places are told of errors with a message, with none and with several lines', () => {
  for (const message of ['', 'one', 'one\ntwo\n    at three']) {
    expect(placesOf(new Error(message))[0]?.file).toBe('tests/core/describe-error.test.ts')
  }
})

test('a chain of causes that never ends does', () => {
  const error = new Error('x')
  error.cause = error
  expect(told(error).match(/"name"/g)).toHaveLength(5)
})
