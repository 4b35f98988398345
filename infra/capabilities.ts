import type { Capability } from '../core/http/operation.ts'
import type { Platform } from '../core/platform.ts'
import { auth } from '../functions/auth/index.ts'
import { keys } from '../functions/keys/index.ts'
import { web } from '../functions/web/index.ts'

export type CapabilityName = 'auth' | 'keys' | 'web'

/** Every function by name: what the router hosts together and `npm run serve` hosts alone. */
export const capabilities: Readonly<Record<CapabilityName, (platform: Platform) => Capability>> = {
  auth: (platform) => auth(platform),
  keys: (platform) => keys(platform),
  web: () => web(),
}
