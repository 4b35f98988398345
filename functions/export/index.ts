import { exportSigner } from '../../core/export/signer.ts'
import type { Capability } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { createDeliveries } from './deliveries.ts'
import { downloadExport } from './download-export.ts'
import { getExport } from './get-export.ts'
import { getSigningKey } from './get-signing-key.ts'
import { startExport } from './start-export.ts'

/** One archive of all that a user owns, signed and checked without us. Named in full: `export` is a word of the language. */
export function accountExport(platform: Platform): Capability {
  const signer = exportSigner(platform)
  const deliveries = createDeliveries(platform, signer)
  return {
    name: 'export',
    operations: [
      startExport(platform),
      getSigningKey(signer),
      getExport(platform),
      downloadExport(platform, deliveries),
    ],
    drain: () => deliveries.giveUp(),
  }
}
