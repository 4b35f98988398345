const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_*~.%='

/** A cookie `name=seal` with one thing wrong: of five ways the one for this count, at a place by chance (0 up to 1). */
export function mutateCookie(cookie: string, count: number, chance: () => number): string {
  const start = cookie.indexOf('=') + 1
  const seal = cookie.slice(start)
  const pick = (below: number): number => Math.floor(chance() * below)
  const at = pick(seal.length)
  const other = (than = ''): string => {
    const others = alphabet.replace(than, '')
    return others[pick(others.length)] ?? ''
  }
  const mutated = [
    () => seal.slice(0, at) + other(seal[at]) + seal.slice(at + 1),
    () => seal.slice(0, at),
    () => seal.slice(1 + pick(seal.length - 1)),
    () => seal + other(),
    () => seal.slice(0, at) + seal.slice(at + 1),
  ][count % 5]
  return cookie.slice(0, start) + (mutated?.() ?? '')
}
