import { useLocation } from 'preact-iso/router'
import { pages } from '../../pages.ts'
import { explain } from '../api/problem.ts'
import { useMe, useSession } from '../api/session.tsx'
import { Menu } from './menu.tsx'
import { toast } from './toasts.tsx'

/** Pages about the account itself; they are listed once they exist. */
const ownPaths = ['/account', '/plan']

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { email, role } = useMe()
  const { signOut, forget } = useSession()
  const { route } = useLocation()

  // Nothing of the account stays in the page, whatever the server says. Source: OWASP ASVS 5, 14.3.1.
  const leave = async () => {
    const said = await signOut().then(
      () => 'You are signed out.',
      (error) => `${explain(error)} This page has let go of your account; the browser may still be signed in.`,
    )
    // Before anybody knows: a page for members would lead to signing in again.
    route('/')
    forget()
    toast(said)
  }

  return (
    <Menu label={<Initial of={email} />} accessibleLabel={`Account of ${email}`}>
      <li class="menu-note">{email}</li>
      {pages
        .filter(({ path }) => ownPaths.includes(path))
        .map(({ path, title }) => (
          <li key={path}>
            <a href={path}>{title.split(' · ')[0]}</a>
          </li>
        ))}
      {role === 'admin' && (
        <li>
          <a href="/admin">Administration</a>
        </li>
      )}
      <li>
        <button type="button" onClick={() => void leave()}>
          Sign out
        </button>
      </li>
    </Menu>
  )
}

function Initial({ of }: { readonly of: string }) {
  return (
    <span class="initial" aria-hidden="true">
      {of.slice(0, 1).toUpperCase()}
    </span>
  )
}
