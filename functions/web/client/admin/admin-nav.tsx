import { useLocation } from 'preact-iso/router'

const listed = [
  ['/admin', 'Overview'],
  ['/admin/users', 'Accounts'],
  ['/admin/audit', 'Audit log'],
  ['/admin/payments', 'Payments'],
  ['/admin/incidents', 'Incidents'],
  ['/admin/health', 'Health'],
] as const

/** From one page for administrators to another. */
export function AdminNav() {
  const { path } = useLocation()
  const isHere = (to: string) => path === to || (to !== '/admin' && path.startsWith(`${to}/`))
  return (
    <nav class="admin-nav" aria-label="Administration">
      <ul>
        {listed.map(([to, name]) => (
          <li key={to}>
            <a href={to} aria-current={isHere(to) ? 'page' : undefined}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
