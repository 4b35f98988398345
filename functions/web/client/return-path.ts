import { pages } from '../pages.ts'

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
  return url?.origin === location.origin && to.startsWith('/') ? url.pathname + url.search : home
}
