import type { Capability } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { createCheckout } from './create-checkout.ts'
import { keepForgetting } from './forget-customers.ts'
import { getSubscription } from './get-subscription.ts'
import { listParked } from './list-parked.ts'
import { openPortal } from './open-portal.ts'
import { receiveWebhook } from './receive-webhook.ts'
import { replayParked } from './replay-parked.ts'
import { createTill } from './till.ts'

/** Plans and what is paid for them. Where no payments are taken, nobody has a limit and nothing can be bought. */
export function payments(platform: Platform): Capability {
  const openTill = createTill(platform.config)
  let forgetting: ReturnType<typeof keepForgetting> | undefined
  return {
    name: 'payments',
    operations: [
      receiveWebhook(platform, openTill),
      createCheckout(platform, openTill),
      openPortal(platform, openTill),
      getSubscription(platform),
      listParked(platform),
      replayParked(platform),
    ],
    async start() {
      if (platform.config.payments !== undefined) forgetting = keepForgetting(platform, openTill())
    },
    stop: async () => forgetting?.stop(),
  }
}
