import type { Capability, Operation } from '../core/http/operation.ts'
import type { Platform } from '../core/platform.ts'
import { admin } from '../functions/admin/index.ts'
import { auth } from '../functions/auth/index.ts'
import { accountExport } from '../functions/export/index.ts'
import { keys } from '../functions/keys/index.ts'
import { payments } from '../functions/payments/index.ts'
import { runs } from '../functions/runs/index.ts'
import { web } from '../functions/web/index.ts'

export type CapabilityName = 'admin' | 'auth' | 'export' | 'keys' | 'payments' | 'runs' | 'web'

/** `hosted` tells, once the host is put together, every operation that it has. */
type Make = (platform: Platform, hosted: () => readonly Operation[]) => Capability

/** Every function by name: what the router hosts together and `npm run serve` hosts alone. */
export const capabilities: Readonly<Record<CapabilityName, Make>> = {
  admin: (platform) => admin(platform),
  auth: (platform) => auth(platform),
  export: (platform) => accountExport(platform),
  keys: (platform) => keys(platform),
  payments: (platform) => payments(platform),
  runs: (platform) => runs(platform),
  web: (platform, hosted) => web(platform, hosted),
}

export const capabilityNames = Object.keys(capabilities) as readonly CapabilityName[]

/** The capabilities of one host: all of them, or those that are named. */
export function loadCapabilities(
  platform: Platform,
  names: readonly CapabilityName[] = capabilityNames,
): readonly Capability[] {
  const loaded: readonly Capability[] = names.map((name) =>
    capabilities[name](platform, () => loaded.flatMap(({ operations }) => operations)),
  )
  return loaded
}
