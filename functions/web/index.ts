import { readBackupHealth } from '../../core/backup/backup-health.ts'
import type { Capability, Operation } from '../../core/http/operation.ts'
import { createStatusReader } from '../../core/incidents/read-status.ts'
import { assetsOf } from '../../core/pages/assets.ts'
import { renderDocument } from '../../core/pages/document.ts'
import type { Platform } from '../../core/platform.ts'
import { checkHealth } from './check-health.ts'
import { describeOperations } from './describe-operations.ts'
import { getStatus } from './get-status.ts'
import { listErrors } from './list-errors.ts'
import { notFound, pages } from './pages.ts'
import { anewEachFiveSeconds } from './remember.ts'
import { writeSecurity } from './security/write-security.ts'
import { sendAsset } from './send-asset.ts'
import { type Said, showPage } from './show-page.ts'
import { writeStatus } from './status/write-status.ts'
import { tellSecurityContact } from './tell-security-contact.ts'
import { tellStatusFeed } from './tell-status-feed.ts'

/** What belongs to the site and to none of its capabilities. `hosted` are the operations that it describes. */
export function web(platform: Platform, hosted: () => readonly Operation[]): Capability {
  const { clock } = platform
  const readStatus = createStatusReader(platform)
  const said: Readonly<Record<string, () => Promise<Said>>> = {
    '/security': anewEachFiveSeconds(clock, async () => ({ content: writeSecurity(await readBackupHealth(platform)) })),
    '/status': anewEachFiveSeconds(clock, async () => ({
      content: writeStatus(await readStatus()),
      feed: { title: 'Oort: status', href: '/status.atom' },
    })),
  }
  return {
    name: 'web',
    operations: [
      checkHealth(),
      describeOperations(platform, hosted),
      listErrors(),
      tellSecurityContact(platform),
      getStatus(platform, readStatus),
      tellStatusFeed(platform, readStatus),
      sendAsset(),
      ...pages.map((page) => showPage(page, said[page.path])),
    ],
    pageNotFound: () => renderDocument({ ...notFound, assets: assetsOf(notFound.entry), session: false }),
  }
}
