import { Browser, type ReadAnswer } from '../support/browser.ts'
import { password } from '../support/oort.ts'
import type { Claim } from './examine.ts'

/** What a person can do that changes something, and how often it is drawn. */
const weights = {
  'add a key': 5,
  'replace a key': 4,
  'delete a key': 3,
  'issue an API key': 3,
  'revoke an API key': 2,
  'run a prompt': 4,
  'delete a run': 1,
  'sign out everywhere': 1,
  'delete the account': 1,
} as const

export type Change = keyof typeof weights | 'sign up' | 'sign in'

export const everyChange = Object.keys(weights) as readonly (keyof typeof weights)[]

export interface Step {
  readonly change: Change
  readonly answer: ReadAnswer
}

/** Somebody who uses Oort, and remembers what was acknowledged. */
export interface Person {
  /** One change: the one that is named, where it can be made, or one by chance. Rejects when the connection breaks. */
  step(wanted?: Change): Promise<Step>
  /** Begins a stream that goes on for minutes; answers when its first words are there. */
  beginStream(): Promise<void>
  /** Goes on at another process. Throws when that does not know what was acknowledged. */
  resume(origin: string): Promise<void>
  readonly browser: Browser
}

export interface PersonOptions {
  readonly origin: string
  readonly publicUrl: string
  readonly chance: () => number
  /** Where the person writes down what was acknowledged. */
  readonly claims: Claim[]
  /** Somebody at whose account this one works too, in another browser: neither may sign out or delete it. */
  readonly besides?: Person
  /** The store is made to fail: a run's answer reaches its owner all the same, when its end cannot be written down. */
  readonly endsMayBeLost?: boolean
  /** What is drawn from; everything unless told. */
  readonly changes?: readonly (keyof typeof weights)[]
}

/** What a row is known by to its owner: the last characters of a key, and nothing of other rows. */
type Known = Map<string, string>
type Kind = 'keys' | 'apiKeys' | 'runs'

const mostOfAKind = 5

export function createPerson(options: PersonOptions): Person {
  const { publicUrl, chance, claims, besides, endsMayBeLost, changes = everyChange } = options
  let browser = besides?.browser.copy() ?? new Browser(options.origin, publicUrl)
  let email = ''
  let userId = ''
  let session: 'none' | 'open' | 'in doubt' = besides === undefined ? 'none' : 'open'
  const rows: Readonly<Record<Kind, Known>> = { keys: new Map(), apiKeys: new Map(), runs: new Map() }
  /** Rows whose change was sent and not acknowledged: it was made or it was not. */
  const inDoubt = new Set<string>()

  const claim = (action: string, target: string): void => void claims.push({ action, target })
  const hex = (length: number): string => Array.from({ length }, () => Math.floor(chance() * 16).toString(16)).join('')
  const key = (): string => `sk-proj-test-${hex(40)}`
  const someOf = (kind: Kind): string => [...rows[kind].keys()][Math.floor(chance() * rows[kind].size)] ?? ''
  const from = () => ({ 'x-forwarded-for': `10.${[0, 0, 0].map(() => Math.floor(chance() * 256)).join('.')}` })
  const accepted = ({ status }: ReadAnswer): boolean => status < 300

  /** Forgets the account, and opens another with the next step. */
  function startOver(): void {
    session = 'none'
    email = ''
    userId = ''
    for (const kind of Object.values(rows)) kind.clear()
  }

  async function learnId(): Promise<void> {
    const me = await browser.get('/api/auth/me')
    if (!accepted(me)) throw new Error(`an account that was acknowledged answers ${me.status}`)
    userId = me.json<{ id: string }>().id
    claim('user.signed_up', userId)
  }

  async function signUp(): Promise<ReadAnswer> {
    const address = `person-${hex(12)}@example.com`
    browser = new Browser(browser.origin, publicUrl)
    const answer = await browser.post('/api/auth/sign-up', { email: address, password }, from())
    if (accepted(answer)) {
      email = address
      session = 'open'
      await learnId()
    }
    return answer
  }

  async function signIn(): Promise<ReadAnswer> {
    const answer = await browser.post('/api/auth/sign-in', { email, password }, from())
    if (accepted(answer)) session = 'open'
    return answer
  }

  /** Changes or removes a row. Where an earlier change is in doubt, the row may be gone. */
  async function change(kind: Kind, id: string, action: string, send: () => Promise<ReadAnswer>): Promise<ReadAnswer> {
    const mayBeGone = inDoubt.has(id)
    inDoubt.add(id)
    const answer = await send()
    if (accepted(answer)) {
      inDoubt.delete(id)
      claim(action, id)
    }
    if (answer.status === 404 && mayBeGone) rows[kind].delete(id)
    return answer
  }

  async function remove(kind: Kind, path: string, action: string): Promise<ReadAnswer> {
    const id = someOf(kind)
    const answer = await change(kind, id, action, () => browser.delete(`${path}/${id}`))
    if (accepted(answer)) rows[kind].delete(id)
    return answer
  }

  async function add(kind: Kind, path: string, action: string, body: object): Promise<ReadAnswer> {
    const answer = await browser.post(path, body)
    if (accepted(answer)) {
      const { id, lastFour } = answer.json<{ id: string; lastFour?: string }>()
      rows[kind].set(id, lastFour ?? '')
      claim(action, id)
    }
    return answer
  }

  async function endSession(action: string, send: () => Promise<ReadAnswer>): Promise<ReadAnswer> {
    session = 'in doubt'
    const answer = await send()
    if (accepted(answer)) claim(action, userId)
    return answer
  }

  const make: Readonly<Record<Change, () => Promise<ReadAnswer>>> = {
    'sign up': signUp,
    'sign in': signIn,
    'add a key': () => add('keys', '/api/keys', 'key.added', { provider: 'openai', key: key() }),
    async 'replace a key'() {
      const id = someOf('keys')
      const next = key()
      const replaced = () => browser.send('PUT', `/api/keys/${id}`, { body: { key: next } })
      const answer = await change('keys', id, 'key.replaced', replaced)
      if (accepted(answer)) rows.keys.set(id, next.slice(-4))
      return answer
    },
    'delete a key': () => remove('keys', '/api/keys', 'key.deleted'),
    'issue an API key': () =>
      add('apiKeys', '/api/api-keys', 'api_key.issued', { name: 'laptop', scopes: ['runs:read'] }),
    'revoke an API key': () => remove('apiKeys', '/api/api-keys', 'api_key.revoked'),
    async 'run a prompt'() {
      const answer = await add('runs', '/api/runs', 'run.started', { model: 'gpt-5.4', prompt: 'hello', stream: false })
      if (!accepted(answer)) return answer
      const { id } = answer.json<{ id: string }>()
      // One whose end is not written down counts as under way for a while, and cannot be deleted.
      if (endsMayBeLost) rows.runs.delete(id)
      else claim('run.finished', id)
      return answer
    },
    'delete a run': () => remove('runs', '/api/runs', 'run.deleted'),
    async 'sign out everywhere'() {
      const answer = await endSession('user.signed_out_everywhere', () => browser.post('/api/auth/sign-out-everywhere'))
      if (accepted(answer)) session = 'none'
      return answer
    },
    async 'delete the account'() {
      const answer = await endSession('user.deleted', () =>
        browser.send('DELETE', '/api/auth/account', { body: { password } }),
      )
      if (accepted(answer)) startOver()
      return answer
    },
  }

  function possible(change: Change): boolean {
    if (session === 'none') return change === (email === '' ? 'sign up' : 'sign in')
    if (change === 'add a key') return rows.keys.size < mostOfAKind
    if (change === 'issue an API key') return rows.apiKeys.size < mostOfAKind
    if (change === 'revoke an API key') return rows.apiKeys.size > 0
    if (change === 'delete a run') return rows.runs.size > 0
    if (change === 'replace a key' || change === 'delete a key' || change === 'run a prompt') return rows.keys.size > 0
    return change === 'sign out everywhere' || change === 'delete the account'
  }

  function draw(): Change {
    if (session === 'none') return email === '' ? 'sign up' : 'sign in'
    const open = changes.filter(possible)
    let at = chance() * open.reduce((sum, each) => sum + weights[each], 0)
    for (const each of open) {
      at -= weights[each]
      if (at < 0) return each
    }
    return 'add a key'
  }

  async function step(wanted?: Change): Promise<Step> {
    const drawn = wanted !== undefined && possible(wanted) ? wanted : draw()
    const before = inDoubt.size
    const doubted = session === 'in doubt'
    const answer = await make[drawn]()
    // What a lost answer left open is answered by these: it was done after all.
    if (answer.status === 401 && doubted) {
      startOver()
      return step(wanted)
    }
    if (answer.status === 404 && before > 0 && inDoubt.size === before) return step(wanted)
    if (accepted(answer) && doubted && session === 'in doubt') session = 'open'
    return { change: drawn, answer }
  }

  return {
    step,
    get browser() {
      return browser
    },
    async beginStream() {
      while (rows.keys.size === 0 || session !== 'open') await step(session === 'open' ? 'add a key' : undefined)
      const prompt = Array.from({ length: 10_000 }, (_, at) => `w${at}`).join(' ')
      const answer = await browser.fetch('POST', '/api/runs', { body: { model: 'gpt-5.4', prompt } })
      await answer.body?.getReader().read()
      claim('run.started', answer.headers.get('x-oort-run-id') ?? 'none')
    },
    async resume(origin) {
      browser = browser.copy(origin)
      if (session === 'none') return
      const me = await browser.get('/api/auth/me')
      if (me.status === 401 && session === 'in doubt') return startOver()
      if (!accepted(me)) throw new Error(`a session that was acknowledged answers ${me.status}`)
      session = 'open'
      if (userId === '') await learnId()
      const listed = await browser.get('/api/keys')
      const now = new Map(listed.json<{ keys: { id: string; lastFour: string }[] }>().keys.map((row) => [row.id, row]))
      for (const [id, lastFour] of rows.keys) {
        const found = now.get(id)
        if (!inDoubt.has(id) && found?.lastFour !== lastFour) throw new Error(`${id} is not as it was acknowledged`)
        if (found === undefined) rows.keys.delete(id)
        else rows.keys.set(id, found.lastFour)
        inDoubt.delete(id)
      }
      const { apiKeys } = (await browser.get('/api/api-keys')).json<{ apiKeys: { id: string }[] }>()
      for (const id of rows.apiKeys.keys()) {
        if (apiKeys.some((row) => row.id === id)) inDoubt.delete(id)
        else if (!inDoubt.delete(id)) throw new Error(`${id} is not as it was acknowledged`)
        else rows.apiKeys.delete(id)
      }
    },
  }
}
