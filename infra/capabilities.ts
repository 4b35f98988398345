import type { Capability } from '../core/http/operation.ts'
import type { Platform } from '../core/platform.ts'
import { web } from '../functions/web/index.ts'

export type CapabilityName = 'web'

/** Every function by name: what the router hosts together and `npm run serve` hosts alone. */
export const capabilities: Readonly<Record<CapabilityName, (platform: Platform) => Capability>> = {
  web: () => web(),
}
