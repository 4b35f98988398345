// Brings a current Caddy from the backports of Debian 13 into .tools/caddy: production runs a current one, and what
// Debian 12 has is old. Runs on whatever Node (20 or later) the machine has.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { unpackFromDebian } from './unpack-from-debian.mjs'

const suite = 'trixie-backports'

/**
 * Leaves `<into>/usr/bin/caddy` there, where Debian's archive can be reached; a copy that is there already is kept.
 * Answers whether it is there.
 */
export function fetchCurrentCaddy(into) {
  const binary = join(into, 'usr/bin/caddy')
  if (existsSync(binary)) return true
  return unpackFromDebian({ packages: [`caddy/${suite}`], suite, into }) && existsSync(binary)
}
