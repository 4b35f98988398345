import { throttle } from '../../core/http/rate-limit.ts'
import type { UserId } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { adapterOf } from '../../core/providers/adapters.ts'
import { parseJson } from '../../core/providers/json.ts'
import type { Provider } from '../../core/providers/provider.ts'
import { readBody } from '../../core/providers/read-body.ts'
import { refusalOf } from '../../core/providers/refusal-of.ts'
import type { Upstream } from '../../core/providers/upstream.ts'

/**
 * Asks the provider whether it accepts a key; resolves when it does. Throws PROVIDER_KEY_REFUSED when it does not,
 * the other PROVIDER_… errors when it cannot be told, and RATE_LIMITED for a user who asks too often.
 */
export type KeyCheck = (
  caller: { readonly userId: UserId; readonly signal: AbortSignal },
  provider: Provider,
  key: string,
) => Promise<void>

/** Whoever holds a heap of stolen keys shall not sort them here. */
const limit = { name: 'provider key checks', calls: 30, perSeconds: 60 } as const

/** A list of models is a few dozen KiB. Bytes. */
const largestAnswer = 1_024 * 1_024

/** Lists the models of the key: that costs nothing, and no provider answers it without a valid key. */
export function createKeyCheck(platform: Platform, upstream: Upstream): KeyCheck {
  return async ({ userId, signal }, provider, key) => {
    await throttle(platform, limit, userId)
    const adapter = adapterOf(provider)
    const response = await upstream.send(adapter.modelsRequest(key), { signal })
    const { status, body } = response
    if (status < 200 || status >= 300) throw await refusalOf(adapter, response, largestAnswer, signal)
    const answer = await readBody(body, largestAnswer, signal)
    adapter.readModels(parseJson(answer.toString('utf8')))
  }
}
