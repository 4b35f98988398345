import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { type Snippet, snippetsFor } from '../../../../functions/web/client/prompting/snippets.ts'
import { openLab } from '../../runs/lab.ts'

// What the playground offers as code is run as it stands.

const lab = await openLab()
afterAll(() => lab[Symbol.asyncDispose]())
const ada = await lab.person()
const run = promisify(execFile)
const env = { ...process.env, OORT_API_KEY: ada.token }

/** Within the repository, where the providers' clients are found. */
const folder = join(import.meta.dirname, '../../../.artifacts', `snippets-${process.pid}`)
await mkdir(folder, { recursive: true })
afterAll(() => rm(folder, { recursive: true }))

/** All that could end a string too early in one of the languages. */
const prompt = `Don't "quote" \\n $HOME \`date\` \${x} 'so' # — 彗星\nor that`
const question = {
  system: "You're brief.",
  messages: [
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: 'hello' },
    { role: 'user', content: prompt },
  ],
  parameters: { temperature: 0.5, maxTokens: 500 },
} as const

describe.each([
  ['openai', 'gpt-5.4'],
  ['anthropic', 'claude-sonnet-5'],
  ['cerebras', 'cerebras/qwen-3.8-27b'],
] as const)('%s', (provider, model) => {
  const snippets = snippetsFor(model, provider, question, lab.oort.origin)
  const codeOf = (id: Snippet['id']) => snippets.find((each) => each.id === id)?.code ?? ''
  const asked = () =>
    JSON.parse(String(lab.emulator.requests.at(-1)?.body)) as { readonly messages: readonly unknown[] }

  test('curl streams the answer, and sends each character as it is', async () => {
    lab.emulator.reset()
    const { stdout } = await run('sh', ['-c', codeOf('curl')], { env })
    expect(stdout).toContain('data: ')
    expect(asked()).toMatchObject({ stream: true, temperature: 0.5 })
    expect(asked().messages.at(-1)).toEqual({ role: 'user', content: prompt })
    expect(JSON.stringify(asked())).toContain("You're brief.")
  })

  test('TypeScript with the provider’s own client prints the answer', async () => {
    lab.emulator.reset()
    const file = join(folder, `${provider}.ts`)
    await writeFile(file, codeOf('typescript'))
    const { stdout } = await run(process.execPath, [file], { env })
    expect(stdout).toBe(`You said: ${prompt}`)
    expect(asked().messages.at(-1)).toEqual({ role: 'user', content: prompt })
  })

  test('Python names the same, in its own spelling', () => {
    const python = codeOf('python')
    expect(python).toContain(`base_url="${lab.oort.origin}${provider === 'anthropic' ? '' : '/v1'}"`)
    expect(python).toContain(JSON.stringify(prompt))
    expect(python).not.toMatch(/\b(true|false|null)\b/)
  })
})
