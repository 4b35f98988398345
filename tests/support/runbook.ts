import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../infra/bundling/free-port.ts'
import { Browser } from './browser.ts'
import { shipped } from './built.ts'
import { password } from './oort.ts'
import type { Ended } from './process.ts'
import { root } from './source-graph.ts'

/** The blocks of shell in a Markdown text, in order. Throws for a fence of anything else. */
export function blocksIn(markdown: string): readonly string[] {
  const fences = [...markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)]
  const other = fences.find(([, language]) => language !== 'sh')
  if (other !== undefined) throw new Error(`a block of ${other[1] || 'nothing'}, which nobody runs`)
  return fences.map(([, , block = '']) => block)
}

/** The variables that the blocks take from whoever runs them: `NAME=${NAME:-default}` or `NAME=${NAME:?what}`. */
export function variablesIn(markdown: string): readonly string[] {
  return blocksIn(markdown).flatMap((block) =>
    [...block.matchAll(/^([A-Z_]+)=\$\{\1:[-?]/gm)].map(([, name = '']) => name),
  )
}

/** An Oort that runs as a process of its own, with its settings in a file as operators have them. */
export interface ScratchInstance extends AsyncDisposable {
  readonly folder: string
  readonly settings: string
  readonly browser: Browser
  /** What a runbook may ask for, by the name that it gives it. */
  readonly variables: Readonly<Record<string, string>>
  /** Runs the blocks in one shell, the first that fails being the last. */
  run(markdown: string): Promise<Ended>
}

const secret = () => randomBytes(32).toString('base64')

/** `more` are variables that one runbook alone asks for. */
export async function startScratchInstance(more: Readonly<Record<string, string>> = {}): Promise<ScratchInstance> {
  const folder = await mkdtemp(join(tmpdir(), 'oort-runbook-'))
  const [settings, data, backups, bin] = ['settings.env', 'data', 'backups', 'bin'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string]
  for (const each of [backups, bin]) await mkdir(each)
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const nowhere = 'http://127.0.0.1:9'
  const given = {
    NODE_ENV: 'test',
    BYOK_MASTER_KEY: secret(),
    SESSION_SECRET: secret(),
    OORT_DATA_DIR: data,
    OORT_PORT: String(port),
    OORT_PUBLIC_URL: origin,
    OORT_OPENAI_URL: nowhere,
    OORT_ANTHROPIC_URL: nowhere,
    OORT_CEREBRAS_URL: nowhere,
    OORT_BACKUP_TARGET: `file://${backups}`,
    OORT_BACKUP_KEY: secret(),
  }
  await writeFile(
    settings,
    Object.entries(given)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
    { mode: 0o600 },
  )

  const node = process.execPath
  const [router, program] = [await shipped('infra/router.ts'), await shipped('infra/cli/oort.ts')]
  const pid = join(folder, 'pid')
  const command = async (name: string, script: string) => {
    const file = join(bin, name)
    await writeFile(file, `#!/bin/sh\n${script}`, { mode: 0o755 })
    return file
  }
  await command('oort', `exec '${node}' '${program}' "$@"\n`)
  const stop = await command(
    'stop-oort',
    // Until it is gone, not until it answers no more: to the last it has files in its folder.
    `[ -f '${pid}' ] || exit 0
number=$(cat '${pid}')
kill "$number" || true
while grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$number/status"; do sleep 0.1; done
rm -f '${pid}'\n`,
  )
  const restart = await command(
    'restart-oort',
    `'${stop}'
'${node}' '${router}' >>'${folder}/router.log' 2>&1 &
echo $! >'${pid}'\n`,
  )
  const env = { PATH: `${bin}:${process.env['PATH']}`, OORT_ENV_FILE: settings, HOME: folder }
  const shell = (script: string, variables: object = {}) => runShell(script, { ...env, ...variables })

  const begun = await shell(`${restart}\ncurl -fsS --retry 60 --retry-delay 1 --retry-all-errors '${origin}/healthz'`)
  if (begun.exitCode !== 0) throw new Error(`Oort did not start: ${await readFile(join(folder, 'router.log'), 'utf8')}`)
  const browser = new Browser(origin, origin)
  const variables = {
    SITE: origin,
    SETTINGS: settings,
    STOP: stop,
    RESTART: restart,
    OORT: 'oort',
    PLACE: 'OORT_DATA_DIR',
    NEW: join(folder, 'restored'),
    EVIDENCE: folder,
    ...(await makeAccount(browser)),
    ...more,
  }
  return {
    folder,
    settings,
    browser,
    variables,
    run(markdown) {
      const wanted = new Set(variablesIn(markdown))
      const script = blocksIn(markdown).map(
        (block, at) => `echo "== block ${at + 1}" >&2\n${block}[ $? = 0 ] || exit 1\n`,
      )
      return shell(script.join(''), Object.fromEntries(Object.entries(variables).filter(([name]) => wanted.has(name))))
    },
    async [Symbol.asyncDispose]() {
      await shell(stop)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** An account with a provider key and an API key, as its owner makes them. */
async function makeAccount(browser: Browser): Promise<{ readonly ACCOUNT: string; readonly API_KEY: string }> {
  const email = 'ada@example.com'
  const made = [
    await browser.post('/api/auth/sign-up', { email, password }),
    await browser.post('/api/keys', { provider: 'openai', key: 'sk-proj-0123456789abcdefghijklmnop' }),
    await browser.post('/api/api-keys', { name: 'laptop', scopes: ['models:read'] }),
  ]
  const refused = made.find(({ status }) => status >= 300)
  if (refused !== undefined) throw new Error(`the account was not made: ${refused.text}`)
  return { ACCOUNT: email, API_KEY: made[2]?.json<{ token: string }>().token ?? '' }
}

async function runShell(script: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn('sh', ['-eu', '-c', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const heard = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      heard[name] += chunk.toString()
    })
  }
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { exitCode, signal, ...heard }
}
