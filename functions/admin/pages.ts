/** A page for administrators. `client/admin` of functions/web draws each, by its path. */
export interface AdminPage {
  readonly path: string
  /** The file in client/admin/pages that draws it, without its extension. */
  readonly entry: string
  readonly title: string
}

export const adminPages: readonly AdminPage[] = [
  { path: '/admin', entry: 'overview', title: 'Administration · Oort' },
  { path: '/admin/users', entry: 'users', title: 'Accounts · Oort' },
  { path: '/admin/users/:userId', entry: 'user', title: 'An account · Oort' },
  { path: '/admin/audit', entry: 'audit', title: 'Audit log · Oort' },
  { path: '/admin/payments', entry: 'payments', title: 'Payment inbox · Oort' },
  { path: '/admin/incidents', entry: 'incidents', title: 'Incidents · Oort' },
  { path: '/admin/health', entry: 'health', title: 'Health · Oort' },
]
