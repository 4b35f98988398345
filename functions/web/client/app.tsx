import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import lazy, { ErrorBoundary } from 'preact-iso/lazy'
import { exec, LocationProvider, Route, Router, useLocation } from 'preact-iso/router'
import { notFound, type Page, pages } from '../pages.ts'
import { SessionProvider, useSession } from './api/session.tsx'
import { Boundary, BrokenPage } from './components/boundary.tsx'
import { Layout } from './components/layout.tsx'
import { PasswordProof } from './components/password-proof.tsx'
import { PageSkeleton } from './components/skeleton.tsx'
import { Toasts } from './components/toasts.tsx'
import { WhoIsThere } from './components/who-is-there.tsx'
import { afterSignIn, ownPages, signInPath } from './return-path.ts'
import { Served } from './served.tsx'

const routes = pages.map((page) => ({ page, ...routeOf(page) }))
const { component: NotFound } = routeOf(notFound)

/** Administrators' pages have an application of their own: here their documents only say why they are not to be had. */
const administration = ['/admin', '/admin/*']
const Refused = () => <Served />

/** Loads what draws the page at a path, where one is there. */
export async function preload(path: string): Promise<void> {
  await routes.find(({ page }) => page.path === path)?.load()
}

export function App() {
  return (
    <SessionProvider>
      <LocationProvider scope={ownPages}>
        <Layout>
          <ErrorBoundary>
            <Router onRouteChange={toTheTop}>
              {routes.map(({ page, component }) => (
                <Route key={page.path} path={page.path} component={component} />
              ))}
              {administration.map((path) => (
                <Route key={path} path={path} component={Refused} />
              ))}
              <Route default component={NotFound} />
            </Router>
          </ErrorBoundary>
        </Layout>
        <PasswordProof />
        <Toasts />
      </LocationProvider>
    </SessionProvider>
  )
}

/** The component of a page: its file is loaded when it is first drawn, for those whom it is for. */
function routeOf(page: Page): { readonly component: ComponentType; load(): Promise<unknown> } {
  const Content = lazy(async () => {
    const loaded: Promise<{ readonly Page: ComponentType }> = import(`./pages/${page.entry}.tsx`)
    return await loaded.then(({ Page: component }) => component).catch(() => BrokenPage)
  })
  function PageRoute() {
    const session = useSession()
    const { url, path, query, route } = useLocation()
    const { status } = session
    const turnedAway = (page.for === 'members' && status === 'out') || (page.for === 'guests' && status === 'in')
    // This page stays until the next one has loaded, and must not lead away from that.
    const left = exec(path, page.path) === undefined

    useEffect(() => {
      document.title = page.title
    }, [])
    useEffect(() => {
      if (!turnedAway || left) return
      const to = status === 'out' ? signInPath(url) : afterSignIn(query['to'])
      if (ownPages.test(to)) route(to, true)
      else location.replace(to)
    }, [turnedAway, left, status, url, query, route])

    if (page.for === 'members' && status === 'unknown') return <WhoIsThere />
    if (turnedAway) return <PageSkeleton />
    return (
      <Boundary>
        <Content />
      </Boundary>
    )
  }
  return { component: PageRoute, load: Content.preload }
}

/** After a change of page a reader continues at its beginning, as after a load; a menu opened meanwhile stays open. */
function toTheTop(): void {
  if (document.activeElement?.getAttribute('aria-expanded') === 'true') return
  document.getElementById('main')?.focus({ preventScroll: true })
}
