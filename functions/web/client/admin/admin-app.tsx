import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import lazy, { ErrorBoundary } from 'preact-iso/lazy'
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router'
import { SessionProvider, useSession } from '../api/session.tsx'
import { Boundary, BrokenPage } from '../components/boundary.tsx'
import { Layout } from '../components/layout.tsx'
import { PasswordProof } from '../components/password-proof.tsx'
import { PageSkeleton } from '../components/skeleton.tsx'
import { Toasts } from '../components/toasts.tsx'
import { WhoIsThere } from '../components/who-is-there.tsx'
import { signInPath } from '../return-path.ts'
import { AdminNav } from './admin-nav.tsx'

/** Every link loads a document, so that the server reads the role at each page. */
const nowhere = /^(?!)/

const pages = {
  '/admin': 'overview',
  '/admin/users': 'users',
  '/admin/users/:userId': 'user',
  '/admin/audit': 'audit',
  '/admin/payments': 'payments',
  '/admin/incidents': 'incidents',
  '/admin/health': 'health',
} as const

const routes = Object.entries(pages).map(([path, entry]) => ({ path, component: pageOf(entry) }))

/** What administrators see: an application of its own, which nobody else is sent. */
export function AdminApp() {
  return (
    <SessionProvider>
      <LocationProvider scope={nowhere}>
        <Layout>
          <Guard>
            <AdminNav />
            <ErrorBoundary>
              <Router>
                {routes.map(({ path, component }) => (
                  <Route key={path} path={path} component={component} />
                ))}
                <Route default component={Elsewhere} />
              </Router>
            </ErrorBoundary>
          </Guard>
        </Layout>
        <PasswordProof />
        <Toasts />
      </LocationProvider>
    </SessionProvider>
  )
}

/** The server has let the document through; what it holds waits until it is known who is there. */
function Guard({ children }: { readonly children: ComponentChildren }) {
  const { status } = useSession()
  const { url } = useLocation()
  const here = url.startsWith('/admin')
  useEffect(() => {
    if (status === 'out' && here) location.replace(signInPath(url))
  }, [status, here, url])
  if (status === 'unknown' && here) return <WhoIsThere />
  return status === 'in' || !here ? children : <PageSkeleton />
}

/** What is no page of administrators is another document. */
function Elsewhere() {
  const { url } = useLocation()
  useEffect(() => location.replace(url), [url])
  return <PageSkeleton />
}

function pageOf(entry: string): ComponentType {
  const Content = lazy(async () => {
    const loaded: Promise<{ readonly Page: ComponentType }> = import(`./pages/${entry}.tsx`)
    return await loaded.then(({ Page }) => Page).catch(() => BrokenPage)
  })
  return function AdminPage() {
    return (
      <Boundary>
        <Content />
      </Boundary>
    )
  }
}
