import type { Capability } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { getHealth } from './get-health.ts'
import { getUser } from './get-user.ts'
import { listIncidents } from './incidents/list-incidents.ts'
import { openIncident } from './incidents/open-incident.ts'
import { updateIncident } from './incidents/update-incident.ts'
import { listAudit } from './list-audit.ts'
import { listUsers } from './list-users.ts'
import { adminPages } from './pages.ts'
import { setRole } from './set-role.ts'
import { showAdminPage } from './show-admin-page.ts'
import { signOutUser } from './sign-out-user.ts'
import { suspendUser } from './suspend-user.ts'
import { unsuspendUser } from './unsuspend-user.ts'
import { verifyAudit } from './verify-audit.ts'

/** What administrators do: they see ids, counts and words of fixed sets, and nothing that a user wrote. */
export function admin(platform: Platform): Capability {
  return {
    name: 'admin',
    operations: [
      listUsers(platform),
      getUser(platform),
      suspendUser(platform),
      unsuspendUser(platform),
      signOutUser(platform),
      setRole(platform),
      listAudit(platform),
      verifyAudit(platform),
      getHealth(platform),
      openIncident(platform),
      updateIncident(platform),
      listIncidents(platform),
      ...adminPages.map(showAdminPage),
    ],
  }
}
