/** A database by user, host and name: never by its password, and not by options that may hold one. */
export function describeAddress(url: string): string {
  const { username, host, pathname } = new URL(url)
  return `postgres://${username === '' ? '' : `${username}@`}${host}${pathname}`
}
