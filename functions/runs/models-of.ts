import { type KnownModel, knownModels } from '../../core/providers/models.ts'
import { providers } from '../../core/providers/provider.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import { providerKeys } from '../../core/store/schema.ts'

/** The models that we know of, of the providers for which the user has a key. The key itself may reach fewer. */
export async function modelsOf(scope: UserScope): Promise<readonly (KnownModel & { readonly id: string })[]> {
  const counts = await Promise.all(providers.map((provider) => scope.count(providerKeys, { provider })))
  const usable = new Set(providers.filter((_, index) => counts[index] !== 0))
  return Object.entries(knownModels)
    .filter(([, { provider }]) => usable.has(provider))
    .map(([id, model]) => ({ id, ...model }))
}
