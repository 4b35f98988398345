import { setTimeout as sleep } from 'node:timers/promises'
import { Browser, type ReadAnswer } from '../support/browser.ts'
import { demoKeys } from '../support/emulator/keys.ts'
import { password } from '../support/oort.ts'

type Kind = 'issue' | 'revoke' | 'run'

/** A change that was acknowledged. */
export interface Done {
  readonly kind: Kind
  readonly by: Browser
  readonly id: string
  /** Of an issued API key. */
  readonly token?: string
  /** Of a run: what was said in it, which nobody else says. */
  readonly prompt?: string
}

/** What customers saw, all together. Times are of `performance.now()`. */
export interface Ledger {
  readonly done: Done[]
  /** Prompts on which an instance may have died: the provider may be asked them once more. */
  readonly cutShort: Set<string>
  /** Keys whose revocation was not acknowledged: it was made or it was not. */
  readonly inDoubt: Set<string>
  /** When each change was acknowledged. */
  readonly successes: number[]
  /** How often changes were answered otherwise, by what was said; `cut` is a connection that broke. */
  readonly refusals: Map<string, number>
  /** Answers that nobody may get: what was tried, and what was said. */
  readonly wrong: Set<string>
  /** The longest that anybody waited for an answer, in milliseconds. */
  longest: number
}

/** What a patient caller leaves between tries is seconds. These are impatient, so that the first success shows. */
const pauseMs = 50

export function openLedger(): Ledger {
  return {
    done: [],
    inDoubt: new Set(),
    cutShort: new Set(),
    successes: [],
    refusals: new Map(),
    wrong: new Set(),
    longest: 0,
  }
}

export interface Customer {
  readonly browser: Browser
  /** Changes one thing after another until `stop` aborts. */
  work(stop: AbortSignal): Promise<void>
  /** Repeats what was not answered until nothing is left; answers how many that were. */
  catchUp(): Promise<number>
}

/** Opens an account at `origin` and adds a provider key. */
export async function createCustomer(origin: string, name: string, ledger: Ledger): Promise<Customer> {
  const browser = new Browser(origin, origin)
  await expectStatus(201, browser.post('/api/auth/sign-up', { email: `${name}@example.com`, password }))
  await expectStatus(201, browser.post('/api/keys', { provider: 'openai', key: demoKeys.openai }))
  /** Prompts that were sent and not answered, each with its Idempotency-Key. */
  const unanswered: string[] = []
  /** API keys that can be revoked: nobody else of this account has chosen them. */
  const held: string[] = []
  let turns = 0

  /** Makes one change and notes what came of it; answers what was said where it was acknowledged. */
  async function change(kind: Kind, send: () => Promise<ReadAnswer>, prompt?: string): Promise<ReadAnswer | undefined> {
    const began = performance.now()
    const answer = await send().catch(() => undefined)
    const now = performance.now()
    ledger.longest = Math.max(ledger.longest, now - began)
    if (answer !== undefined && answer.status < 300) {
      ledger.successes.push(now)
      return answer
    }
    const said = answer === undefined ? 'cut' : nameOf(answer)
    ledger.refusals.set(said, (ledger.refusals.get(said) ?? 0) + 1)
    const code = answer === undefined ? 'SHUTTING_DOWN' : excuseOf(answer)
    if (prompt !== undefined && code === 'SHUTTING_DOWN') ledger.cutShort.add(prompt)
    if (answer !== undefined && code === undefined) ledger.wrong.add(`${kind}: ${said}`)
    await sleep(pauseMs)
    return undefined
  }

  async function issue(): Promise<void> {
    const body = { name: 'laptop', scopes: ['runs:read'] }
    const answer = await change('issue', () => browser.post('/api/api-keys', body))
    if (answer === undefined) return
    const { id, token } = answer.json<{ id: string; token: string }>()
    ledger.done.push({ kind: 'issue', by: browser, id, token })
    held.push(id)
  }

  async function revoke(): Promise<void> {
    const id = held.shift()
    if (id === undefined) return issue()
    const answer = await change('revoke', () => browser.delete(`/api/api-keys/${id}`))
    if (answer === undefined) ledger.inDoubt.add(id)
    else ledger.done.push({ kind: 'revoke', by: browser, id })
  }

  /** The oldest prompt without an answer once more, or a new one. */
  async function run(): Promise<void> {
    turns += 1
    const prompt = unanswered.shift() ?? `${name}-${turns}.`
    const body = { model: 'gpt-5.4', prompt, stream: false }
    const headers = { 'idempotency-key': prompt }
    const answer = await change('run', () => browser.post('/api/runs', body, headers), prompt)
    if (answer === undefined) {
      unanswered.push(prompt)
      return
    }
    ledger.done.push({ kind: 'run', by: browser, id: answer.json<{ id: string }>().id, prompt })
  }

  return {
    browser,
    async work(stop) {
      for (const tasks = [issue, run, revoke]; !stop.aborted; ) {
        for (const task of tasks) if (!stop.aborted) await task()
      }
    },
    async catchUp() {
      const left = unanswered.length
      while (unanswered.length > 0) await run()
      return left
    },
  }
}

const excuses: Readonly<Record<string, number>> = {
  STORE_UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
  // The first request with the key goes on, or its instance is not known to be dead yet.
  IDEMPOTENCY_IN_PROGRESS: 409,
}

/** The code of a problem document by which a caller knows that it may try again, and when. */
function excuseOf({ status, headers, text }: ReadAnswer): string | undefined {
  if (headers.get('content-type') !== 'application/problem+json' || !headers.has('retry-after')) return undefined
  const { code } = JSON.parse(text) as { code: string }
  return excuses[code] === status ? code : undefined
}

function nameOf({ status, text }: ReadAnswer): string {
  return `${status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? ''}`.trim()
}

async function expectStatus(status: number, answering: Promise<ReadAnswer>): Promise<void> {
  const answer = await answering
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`)
}
