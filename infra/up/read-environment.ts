import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

export type Environment = Readonly<Record<string, string | undefined>>

const secrets = ['BYOK_MASTER_KEY', 'SESSION_SECRET'] as const

/**
 * The variables of a development run: the shell's, over those of `.env` (written by people), over those of `.env.local`
 * (written here). Secrets that none of them holds are made once and kept in `.env.local`, readable by its owner alone;
 * a value that is there is never replaced, as what it sealed could not be opened again.
 */
export function readEnvironment(root: string, shell: Environment): Environment {
  const local = join(root, '.env.local')
  const given: Environment = { ...readFile(local), ...readFile(join(root, '.env')), ...shell }
  const made = secrets
    .filter((name) => given[name] === undefined || given[name] === '')
    .map((name) => [name, randomBytes(32).toString('base64')] as const)
  if (made.length > 0) {
    const lines = made.map(([name, value]) => `${name}=${value}\n`).join('')
    appendFileSync(local, lines, { mode: 0o600, flush: true })
  }
  return { NODE_ENV: 'development', ...given, ...Object.fromEntries(made) }
}

function readFile(path: string): Environment {
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {}
}
