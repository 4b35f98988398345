import { OortError } from '../errors.ts'
import type { ApiKeyId, Id, ProviderKeyId } from '../ids.ts'
import { adapterOf } from '../providers/adapters.ts'
import { resolveModel } from '../providers/models.ts'
import type { Endpoint, Provider, UpstreamRequest } from '../providers/provider.ts'
import type { OpenedRow } from '../scope/read-rows.ts'
import type { UserScope } from '../scope/user-scope.ts'
import type { runs } from '../store/schema.ts'

/** A run as code outside core meets it. */
export type Run = OpenedRow<typeof runs, never>

/** What is to be run, and what history keeps of it. */
export interface RunOrder {
  /** The door that the run came in by. */
  readonly door: Run['endpoint']
  readonly provider: Provider
  /** The provider's own name for the model. */
  readonly model: string
  /** The wire format of request and answer. */
  readonly endpoint: Endpoint
  /** The key that pays; without one the newest of the provider. */
  readonly providerKeyId?: ProviderKeyId | undefined
  readonly comparisonId?: Id<'comparison'>
  /** Kept sealed: the request as JSON, of which only a run's owner makes sense. */
  readonly prompt: string
  /** What people wrote, for search, for the excerpt, and to estimate input tokens. */
  readonly text: string
  /** Builds the message to the provider. Called once. */
  request(key: string): UpstreamRequest
}

export interface RunCaller {
  readonly scope: UserScope
  /** The API key that asks, or null for a signed-in browser. */
  readonly apiKeyId: ApiKeyId | null
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal
}

/** Finds who serves a model over an endpoint. Throws MODEL_UNKNOWN, PROVIDER_REQUEST_REFUSED. */
export function routeOf(
  name: string,
  endpoint?: Endpoint,
): { readonly provider: Provider; readonly model: string; readonly endpoint: Endpoint } {
  const found = resolveModel(name)
  if (found === undefined) {
    throw new OortError('MODEL_UNKNOWN', {
      detail: 'Name a model of OpenAI, Anthropic or Cerebras, if need be as `provider/model`.',
    })
  }
  const adapter = adapterOf(found.provider)
  if (endpoint !== undefined && !adapter.endpoints.includes(endpoint)) {
    throw new OortError('PROVIDER_REQUEST_REFUSED', {
      detail: 'The provider of this model does not have this endpoint.',
    })
  }
  return { ...found, endpoint: endpoint ?? adapter.endpoint }
}
