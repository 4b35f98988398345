import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { commitments } from '../../core/incidents/commitments.ts'
import { severities } from '../../core/incidents/terms.ts'
import { describeDuration } from '../../infra/cli/duration.ts'
import { createProgram } from '../../infra/cli/program.ts'
import { password } from '../support/oort.ts'
import { type PostgresCluster, postgresPrograms, startPostgres } from '../support/postgres-cluster.ts'
import { blocksIn, type ScratchInstance, startScratchInstance, variablesIn } from '../support/runbook.ts'
import { root } from '../support/source-graph.ts'

const folder = join(root, 'infra/runbooks')
const names = (await readdir(folder)).filter((name) => name.endsWith('.md')).sort()
const runbooks = new Map(
  await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
)
const textOf = (name: string) => runbooks.get(name) ?? ''

const patience = 300_000
let instance: ScratchInstance | undefined
afterEach(async () => {
  await instance?.[Symbol.asyncDispose]()
  instance = undefined
  await cluster?.stop()
  cluster = undefined
}, patience)

/** The runbook that needs a server of its own, and is skipped where there is none to be had. */
const ofPostgres = 'move-to-postgres.md'
let cluster: PostgresCluster | undefined

async function variablesFor(name: string): Promise<Readonly<Record<string, string>>> {
  if (name !== ofPostgres) return {}
  cluster = await startPostgres()
  return { TO: await cluster.createDatabase() }
}

test('there are runbooks', () => {
  expect(names).toEqual(
    expect.arrayContaining(['incident-response.md', 'key-compromise.md', 'master-key-rotation.md', 'restore.md']),
  )
})

/** What must have been before. */
const beginnings: Readonly<Record<string, (oort: ScratchInstance) => Promise<unknown>>> = {
  'restore.md': ({ run }) => run('```sh\noort backup\n```'),
}

/** What else must be so when the last block has run. */
const outcomes: Readonly<Record<string, (oort: ScratchInstance, before: string) => Promise<void>>> = {
  async 'incident-response.md'({ variables }) {
    const told = (await (await fetch(`${variables['SITE']}/api/status`)).json()) as { pastIncidents: object[] }
    expect(told.pastIncidents).toEqual([
      expect.objectContaining({ severity: 'SEV2', state: 'resolved', postMortemUrl: expect.stringMatching(/^https:/) }),
    ])
  },
  async 'key-compromise.md'({ browser, settings }, before) {
    expect((await browser.get('/api/auth/me')).status).toBe(401)
    const [old] = /^SESSION_SECRET=.*$/m.exec(before) ?? ['']
    expect(await readFile(settings, 'utf8')).not.toContain(old)
  },
  async 'restore.md'({ browser, settings, folder }) {
    expect(await readFile(settings, 'utf8')).toContain(`OORT_DATA_DIR=${join(folder, 'restored')}`)
    expect((await browser.get('/api/auth/me')).status).toBe(401)
    const owner = { email: 'ada@example.com', password }
    expect((await browser.post('/api/auth/sign-in', owner)).status).toBe(200)
  },
  async 'move-to-postgres.md'({ browser, settings, folder }) {
    expect(await readFile(settings, 'utf8')).toMatch(/^DATABASE_URL=postgres:/m)
    expect(await readFile(join(folder, 'data', 'moved-to-postgres'), 'utf8')).toContain('moved to postgres://127.0.0.1')
    expect((await browser.get('/api/auth/me')).json()).toMatchObject({ email: 'ada@example.com' })
  },
  async 'master-key-rotation.md'({ browser, settings }, before) {
    const [, old = ''] = /^BYOK_MASTER_KEY=(.*)$/m.exec(before) ?? []
    expect(await readFile(settings, 'utf8')).not.toContain(old)
    // Sealed under the old key, opened under the new one.
    expect((await browser.get('/api/auth/me')).json()).toMatchObject({ email: 'ada@example.com' })
  },
}

describe.each(names)('%s', (name) => {
  test.skipIf(name === ofPostgres && postgresPrograms === undefined)(
    'runs as it stands, each block, in order',
    async () => {
      instance = await startScratchInstance(await variablesFor(name))
      const before = await readFile(instance.settings, 'utf8')
      await beginnings[name]?.(instance)
      const { exitCode, stderr, stdout } = await instance.run(textOf(name))
      expect(exitCode, `${stdout}\n${stderr}`).toBe(0)
      await outcomes[name]?.(instance, before)
    },
    patience,
  )

  test('names only files and commands that exist', () => {
    const text = textOf(name)
    for (const [, link = ''] of text.matchAll(/\]\(([\w-]+\.md)\)/g)) expect(names).toContain(link)
    for (const [, typed = ''] of text.matchAll(/`oort ((?:[a-z-]+ ?)+)/g)) expect(commandOf(typed)).not.toBe(undefined)
  })
})

/** The command that these words begin with. */
function commandOf(typed: string) {
  const [group, name] = typed.trim().split(' ')
  const found = createProgram().commands.find((command) => command.name() === group)
  return found === undefined || found.commands.length === 0
    ? found
    : found.commands.find((each) => each.name() === name)
}

test('the tiers in the runbook are those of the code', () => {
  const within = (duration: number | null) => (duration === null ? 'none' : describeDuration(duration))
  for (const severity of severities) {
    const { meaning, firstNoticeWithin, updateEvery, postMortemWithin } = commitments[severity]
    const cells = [severity, meaning, ...[firstNoticeWithin, updateEvery, postMortemWithin].map(within)]
    expect(textOf('incident-response.md')).toContain(`| ${cells.join(' | ')} |`)
  }
})

test(
  'a block that is wrong fails, wherever it stands',
  async () => {
    instance = await startScratchInstance()
    const good = '```sh\ntrue\n```\n'
    for (const wrong of [
      'oort incident opne',
      'oort user show nobody@example.com',
      'false',
      'echo "$UNNAMED"',
      'false &&\n  true',
    ]) {
      const { exitCode, stderr } = await instance.run(`${good}\n\`\`\`sh\n${wrong}\n\`\`\`\n\n${good}`)
      expect([wrong, exitCode === 0, stderr.includes('== block 3')]).toEqual([wrong, false, false])
    }
    expect(() => blocksIn('```\noort doctor\n```')).toThrow()
    expect(variablesIn('```sh\nSITE=${SITE:-x}\nOTHER=1\n```')).toEqual(['SITE'])
  },
  patience,
)
