import { randomBytes } from 'node:crypto'
import type { Browser } from '../support/browser.ts'
import { demoKeys } from '../support/emulator/keys.ts'
import type { Stack } from './lab.ts'

export interface Run {
  readonly id: string
  readonly state: string
}

/** Somebody with an account and a provider key, who streams runs. */
export interface Person {
  readonly email: string
  readonly password: string
  readonly browser: Browser
  /** A streamed run, when its first bytes are here; `rest` is read to its end, or to where it breaks off. */
  run(prompt: string): Promise<{ readonly rest: Promise<string> }>
  runs(): Promise<readonly Run[]>
}

/** Signs up and seals a key that the provider has confirmed, over TLS as everybody does. */
export async function signUp(stack: Stack): Promise<Person> {
  const email = `${randomBytes(6).toString('hex')}@example.com`
  const password = 'three calm otters cross the bay'
  const browser = stack.browser()
  const steps = [
    await browser.post('/api/auth/sign-up', { email, password }),
    await browser.post('/api/keys', { provider: 'openai', key: demoKeys.openai, verify: true }),
  ]
  for (const { status, text } of steps) {
    if (status !== 201) throw new Error(`answered ${status}: ${text}`, { cause: (await stack.log()).slice(-4_000) })
  }
  return personWith(email, password, browser)
}

/** The same person at another browser, such as after every session was ended. */
export async function signInAgain(stack: Stack, { email, password }: Person): Promise<Person> {
  const browser = stack.browser()
  const { status, text } = await browser.post('/api/auth/sign-in', { email, password })
  if (status !== 200) throw new Error(`answered ${status}: ${text}`)
  return personWith(email, password, browser)
}

function personWith(email: string, password: string, browser: Browser): Person {
  return {
    email,
    password,
    browser,
    async run(prompt) {
      const answer = await browser.fetch('POST', '/api/runs', { body: { model: 'gpt-5-mini', prompt } })
      const reader = answer.body?.getReader()
      if (answer.status !== 200 || reader === undefined) throw new Error(`answered ${answer.status}`)
      const decoder = new TextDecoder()
      let text = decoder.decode((await reader.read()).value, { stream: true })
      const rest = (async () => {
        try {
          for (let part = await reader.read(); !part.done; part = await reader.read()) {
            text += decoder.decode(part.value, { stream: true })
          }
        } catch {
          // Broken off: what came before counts.
        }
        return text
      })()
      return { rest }
    },
    async runs() {
      return (await browser.get('/api/runs?limit=50')).json<{ runs: readonly Run[] }>().runs
    },
  }
}
