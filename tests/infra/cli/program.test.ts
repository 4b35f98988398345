import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from '../../../infra/cli/program.ts'
import { strongSecrets } from '../../support/process.ts'
import { oort, oortJson } from './lab.ts'

const run = promisify(execFile)

/** Every command that does something, with the words that call it. */
function leaves(command: Command, words: readonly string[] = []): (readonly [words: string, command: Command])[] {
  if (command.commands.length === 0) return [[words.join(' '), command]]
  return command.commands.flatMap((each) => leaves(each, [...words, each.name()]))
}

const commands = leaves(createProgram())

test('there are commands', () => {
  expect(commands.map(([words]) => words)).toEqual(
    expect.arrayContaining(['doctor', 'keys rekey', 'admin grant', 'verify-export', 'completion']),
  )
})

test.each(commands)('oort %s can answer in JSON, and says what it is for', (_, command) => {
  expect(command.options.map(({ long }) => long)).toContain('--json')
  expect(command.summary() || command.description()).not.toBe('')
})

test('help is no error; a command that does not exist is wrong usage, told in one line', async () => {
  const help = await oort({}, '--help')
  expect([help.exitCode, help.stderr]).toEqual([0, ''])
  expect(help.stdout).toContain('Exit codes')
  expect(await oort({}, 'frobnicate')).toEqual({
    exitCode: 64,
    signal: null,
    stdout: '',
    stderr: "error: unknown command 'frobnicate'\n",
  })
})

test('a configuration that is wrong ends with 78, as does a folder without a database, in which none is made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oort-empty-'))
  const env = { NODE_ENV: 'test', ...strongSecrets(), OORT_DATA_DIR: folder, DATABASE_URL: '' }
  expect((await oort({ ...env, BYOK_MASTER_KEY: '' }, 'keys', 'status')).exitCode).toBe(78)
  for (let attempt = 0; attempt < 2; attempt += 1) {
    expect(await oort(env, 'keys', 'status')).toMatchObject({
      exitCode: 78,
      stdout: '',
      stderr: expect.stringContaining('there is no database'),
    })
  }
  await rm(folder, { recursive: true })
})

test('bash completes commands, their subcommands and their options', async () => {
  const { stdout: script } = await oort({}, 'completion', 'bash')
  const complete = async (...words: string[]): Promise<string[]> => {
    const line = words.map((word) => `'${word}'`).join(' ')
    const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _oort; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await run('bash', ['-c', `${script}\n${ask}`])
    return stdout.split('\n').filter((word) => word !== '')
  }
  expect(await complete('oort', 'doc')).toEqual(['doctor'])
  expect(await complete('oort', 'keys', '')).toEqual(expect.arrayContaining(['status', 'rekey']))
  expect(await complete('oort', 'keys', 'rekey', '--j')).toEqual(['--json'])
  expect(await complete('oort', 'user', 'suspend', 'a@example.com', '--rea')).toEqual(['--reason'])
  const words = await oortJson<Record<string, readonly string[]>>({}, 'completion', 'zsh')
  expect(words['keys']).toContain('rekey')
})
