import type { Readable } from 'node:stream'
import type { ExportSigner } from '../../core/export/signer.ts'
import type { Platform } from '../../core/platform.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import type { ClaimedExport } from './claim-export.ts'
import { type Delivery, deliver } from './deliver.ts'

/** The archives that are on their way. */
export interface Deliveries {
  /** The archive of a claimed export. It is given up when `signal` says that the caller is gone. */
  begin(scope: UserScope, claimed: ClaimedExport, signal: AbortSignal): Readable
  /** Gives up what is on its way, and answers when its end is written down. */
  giveUp(): Promise<void>
}

export function createDeliveries(platform: Platform, signer: ExportSigner): Deliveries {
  const underWay = new Set<Delivery>()
  return {
    begin(scope, claimed, signal) {
      const delivery = deliver(platform, signer, scope, claimed)
      const abandon = () => delivery.giveUp('client_gone')
      underWay.add(delivery)
      signal.addEventListener('abort', abandon, { once: true })
      if (signal.aborted) abandon()
      void delivery.settled.then(() => underWay.delete(delivery))
      return delivery.archive
    },
    async giveUp() {
      for (const { giveUp } of underWay) giveUp('shutdown')
      await Promise.all([...underWay].map(({ settled }) => settled))
    },
  }
}
