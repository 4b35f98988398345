import { second } from '../../core/clock.ts'
import type { Capability } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { createUpstream } from '../../core/providers/upstream.ts'
import { addKey } from './add-key.ts'
import { createKeyCheck } from './check-key.ts'
import { deleteKey } from './delete-key.ts'
import { getKey } from './get-key.ts'
import { issueApiKey } from './issue-api-key.ts'
import { listApiKeys } from './list-api-keys.ts'
import { listKeyUses } from './list-key-uses.ts'
import { listKeys } from './list-keys.ts'
import { relabelKey } from './relabel-key.ts'
import { replaceKey } from './replace-key.ts'
import { revokeApiKey } from './revoke-api-key.ts'
import { verifyKey } from './verify-key.ts'

/** Somebody waits in front of a form: far shorter than a run may take. */
const patience = { headersTimeout: 10 * second, bodyTimeout: 10 * second, answerTimeout: 15 * second, attempts: 2 }

/** Provider keys, which users bring, and API keys, which we issue to their programs. */
export function keys(platform: Platform): Capability {
  const upstream = createUpstream(platform.config.providerOrigins, patience)
  const check = createKeyCheck(platform, upstream)
  return {
    name: 'keys',
    operations: [
      addKey(platform, check),
      listKeys(),
      getKey(),
      verifyKey(platform, check),
      replaceKey(platform, check),
      relabelKey(platform),
      deleteKey(platform),
      listKeyUses(),
      issueApiKey(platform),
      listApiKeys(),
      revokeApiKey(),
    ],
    stop: () => upstream.close(),
  }
}
