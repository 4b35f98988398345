import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { pages } from '../../pages.ts'
import { useSession } from '../api/session.tsx'
import { AccountMenu } from './account-menu.tsx'
import { Mark } from './mark.tsx'
import { ThemeToggle } from './theme-toggle.tsx'

/** Header, main part and footer, the same on each page. */
export function Layout({ children }: { readonly children: ComponentChildren }) {
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Footer />
    </>
  )
}

function Header() {
  const { path } = useLocation()
  const { status } = useSession()
  const [open, setOpen] = useState(false)
  const listed = pages.filter(({ nav, for: whom }) => nav !== undefined && (whom === 'everyone' || status === 'in'))
  const shown = listed.filter(({ for: whom }) => (status === 'in' ? whom === 'members' : whom === 'everyone'))
  return (
    <header class="site-header">
      <div class="site-header-inner">
        <a class="brand" href="/">
          <Mark /> Oort
        </a>
        {shown.length > 0 && (
          <>
            <button
              type="button"
              class="button quiet nav-toggle"
              aria-expanded={open}
              aria-controls="site-nav"
              onClick={() => setOpen(!open)}
            >
              {open ? 'Close' : 'Menu'}
            </button>
            <nav id="site-nav" class="site-nav" aria-label="Main" data-open={open}>
              <ul>
                {shown.map((page) => (
                  <li key={page.path}>
                    <a
                      href={page.path}
                      aria-current={isWithin(path, page.path) ? 'page' : undefined}
                      onClick={() => setOpen(false)}
                    >
                      {page.nav}
                    </a>
                  </li>
                ))}
              </ul>
            </nav>
          </>
        )}
        <div class="site-header-end">
          <ThemeToggle />
          {status === 'in' && <AccountMenu />}
          {status === 'out' && path !== '/sign-in' && (
            <a class="button quiet" href="/sign-in">
              Sign in
            </a>
          )}
        </div>
      </div>
    </header>
  )
}

function isWithin(path: string, page: string): boolean {
  return path === page || path.startsWith(`${page}/`)
}

function Footer() {
  const listed = pages.filter(({ nav, for: whom }) => nav !== undefined && whom === 'everyone')
  return (
    <footer class="site-footer">
      <div class="site-footer-inner">
        <p>Oort is open source, under the Apache License 2.0.</p>
        <nav aria-label="About">
          <ul>
            {listed.map(({ path, nav }) => (
              <li key={path}>
                <a href={path}>{nav}</a>
              </li>
            ))}
            <li>
              <a href="/api/openapi.json">API</a>
            </li>
            <li>
              <a href="/security#report">Report a vulnerability</a>
            </li>
          </ul>
        </nav>
      </div>
    </footer>
  )
}
