import { pages } from '../pages.ts'

/** Whole documents: what the server answers itself, and pages whose document holds what they say. */
const documents = [
  '/api',
  '/v1',
  '/webhooks',
  '/assets',
  '/errors',
  '/admin',
  '/healthz',
  '/.well-known',
  '/status.atom',
]
const loaded = [...documents, ...pages.filter(({ whole }) => whole).map(({ path }) => path)]

/** Paths that the application draws without loading a document: links to others leave it. */
export const ownPages = new RegExp(`^(?!(${loaded.map((path) => path.replaceAll('.', '\\.')).join('|')})([/?#]|$))`)

/** Where a signed-in user begins: the playground, where this Oort has it. */
const home = pages.find(({ path }) => path === '/playground')?.path ?? '/'

/** The sign-in page, told where to go on. */
export function signInPath(then: string): string {
  return then === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ to: then })}`
}

/** A path of this site; for anything else, which a link from elsewhere could have put there, the user's home. */
export function afterSignIn(to: string | undefined): string {
  if (to === undefined) return home
  const url = URL.parse(to, location.origin)
  const ours = url?.origin === location.origin && to.startsWith('/')
  // Two slashes at its beginning would name another host.
  return ours && !url.pathname.startsWith('//') ? url.pathname + url.search : home
}
