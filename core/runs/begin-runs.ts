import { OortError } from '../errors.ts'
import type { ProviderKeyId, RunId } from '../ids.ts'
import { reserveRun } from '../plans/reserve-run.ts'
import type { Platform } from '../platform.ts'
import type { UserTransaction } from '../scope/user-scope.ts'
import { providerKeys, runs } from '../store/schema.ts'
import type { Run, RunCaller, RunOrder } from './run-order.ts'

/** How much of a prompt a list shows. Characters. */
const excerptLength = 200

/** How much of a prompt is read for its words, of which the index takes a bounded number anyway. Characters. */
const searchedLength = 32 * 1024

/** A run that stands in the database, and the key that pays for it. */
export interface BegunRun {
  readonly run: Run
  /** The plain key: build the request with it and let go of it. */
  readonly key: string
}

/**
 * Writes down runs and opens their keys, in one unit of work: either all of them can be sent or nothing has happened,
 * and no key is opened without its run and its entry in the key's ledger.
 *
 * A run starts as `streaming`, since it is sent as soon as this is on disk: `queued` would cost every run a second
 * commit to say what `firstByteAt` says anyway.
 *
 * Throws PROVIDER_KEY_MISSING: another key than the one asked for is never taken in its place. PLAN_LIMIT_REACHED and
 * CONCURRENCY_REACHED where the user's plan has no room for all of them. ACCOUNT_SUSPENDED, UNAUTHENTICATED where the
 * caller's right ended since: whoever ends it ends the runs that have begun, and the scope keeps out those about to.
 */
export function beginRuns(
  { config, instanceId }: Platform,
  { scope, apiKeyId }: RunCaller,
  orders: readonly (RunOrder & { readonly id: RunId })[],
): Promise<BegunRun[]> {
  return scope.write(async (tx) => {
    const begun: BegunRun[] = []
    for (const order of orders) {
      const { id, door: endpoint, provider, model, comparisonId, prompt, text } = order
      const providerKeyId = await chooseKey(tx, order)
      await reserveRun(config, tx, id)
      const row = {
        endpoint,
        provider,
        model,
        state: 'streaming',
        providerKeyId,
        apiKeyId,
        instanceId,
        prompt,
      } as const
      const compared = comparisonId === undefined ? {} : { comparisonId }
      const run = await tx.insert(
        runs,
        { ...row, ...compared, excerpt: excerptOf(text) },
        { type: 'run.started', providerKeyId, ...compared },
        { id, searchText: text.slice(0, searchedLength) },
      )
      const use = { type: 'key.used', purpose: 'run', runId: id } as const
      begun.push({ run, key: await tx.unseal(providerKeys, providerKeyId, 'secret', use) })
    }
    return begun
  })
}

async function chooseKey(tx: UserTransaction, { provider, providerKeyId }: RunOrder): Promise<ProviderKeyId> {
  const where = providerKeyId === undefined ? { provider } : { provider, id: providerKeyId }
  const [key] = await tx.list(providerKeys, { where, limit: 1 })
  if (key !== undefined) return key.id
  throw new OortError('PROVIDER_KEY_MISSING', {
    detail: providerKeyId === undefined ? `Add a key for ${provider}.` : `You have no such key for ${provider}.`,
  })
}

/** The first characters, without half a surrogate pair at the end. */
function excerptOf(text: string): string {
  const start = text.slice(0, excerptLength)
  return start.isWellFormed() ? start : start.slice(0, -1)
}
