/**
 * The token of a mailed link, which stands in the fragment, where no server sees it. It is taken out of the address,
 * so that it stays in neither the history nor a screenshot.
 */
export function takeMailedToken(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined
  if (token !== undefined) history.replaceState(null, '', location.pathname)
  return token
}
