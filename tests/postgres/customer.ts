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
  /** Keys whose revocation was not acknowledged: it was made or it was not. */
  readonly inDoubt: Set<string>
  /** When each change was acknowledged. */
  readonly successes: number[]
  /** How often changes were answered otherwise, by what was said; `cut` is a connection that broke. */
  readonly refusals: Map<string, number>
  /** Answers that nobody may get: what was tried, and what was said. */
  readonly wrong: string[]
  /** The longest that anybody waited for an answer, in milliseconds. */
  longest: number
}

/** What a patient caller leaves between tries is seconds. These are impatient, so that the first success shows. */
const pauseMs = 50

export function openLedger(): Ledger {
  return { done: [], inDoubt: new Set(), successes: [], refusals: new Map(), wrong: [], longest: 0 }
}

export interface Customer {
  readonly browser: Browser
  /** Changes one thing after another until `stop` aborts. */
  work(stop: AbortSignal): Promise<void>
}

/** Opens an account at `origin` and adds a provider key. */
export async function createCustomer(origin: string, name: string, ledger: Ledger): Promise<Customer> {
  const browser = new Browser(origin, origin)
  await expectStatus(201, browser.post('/api/auth/sign-up', { email: `${name}@example.com`, password }))
  await expectStatus(201, browser.post('/api/keys', { provider: 'openai', key: demoKeys.openai }))
  /** API keys that can be revoked: nobody else of this account has chosen them. */
  const held: string[] = []
  let turns = 0

  /** Makes one change and notes what came of it; answers what was said where it was acknowledged. */
  async function change(kind: Kind, send: () => Promise<ReadAnswer>): Promise<ReadAnswer | undefined> {
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
    if (answer !== undefined && !isExcuse(answer)) ledger.wrong.push(`${kind}: ${answer.status} ${answer.text}`)
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

  async function run(): Promise<void> {
    turns += 1
    const prompt = `${name}-${turns}`
    const body = { model: 'gpt-5.4', prompt, stream: false }
    const answer = await change('run', () => browser.post('/api/runs', body))
    if (answer === undefined) return
    ledger.done.push({ kind: 'run', by: browser, id: answer.json<{ id: string }>().id, prompt })
  }

  return {
    browser,
    async work(stop) {
      for (const tasks = [issue, run, revoke]; !stop.aborted; ) {
        for (const task of tasks) if (!stop.aborted) await task()
      }
    },
  }
}

/** A problem document by which a caller knows that it may try again, and when. */
function isExcuse({ status, headers, text }: ReadAnswer): boolean {
  const isProblem = headers.get('content-type') === 'application/problem+json'
  const code = isProblem ? (JSON.parse(text) as { code: string }).code : ''
  return status === 503 && headers.has('retry-after') && ['STORE_UNAVAILABLE', 'SHUTTING_DOWN'].includes(code)
}

function nameOf({ status, text }: ReadAnswer): string {
  return `${status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? ''}`.trim()
}

async function expectStatus(status: number, answering: Promise<ReadAnswer>): Promise<void> {
  const answer = await answering
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`)
}
