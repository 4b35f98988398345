import type { Log } from '../../core/log.ts'

declare const log: Log
declare const key: string

log.info('a sentence of ours')
log.warn({ requestId: key, status: 1, err: new Error('x') }, 'a sentence of ours')

// @ts-expect-error: a message that is a value
log.info(key)
// @ts-expect-error: a message that is put together from a value
log.info(`the key is ${key}`)
// @ts-expect-error: the same after facts
log.error({ status: 1 }, `the key is ${key}`)
// @ts-expect-error: a value to be put into the message
log.info('the key is %s', key)
// @ts-expect-error: a fact that the log does not know
log.info({ key }, 'a sentence of ours')
// @ts-expect-error: an error without a sentence
log.error({ err: new Error('x') })
// @ts-expect-error: a child that carries what it likes
log.child({ key })
