import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../../core/ids.ts'
import type { ReadAnswer } from '../../support/browser.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import { onPostgres } from '../../support/database.ts'
import { openLab, type Person } from './lab.ts'

const lab = await openLab()
afterAll(() => lab[Symbol.asyncDispose]())

interface Page {
  readonly runs: readonly { readonly id: string; readonly excerpt: string; readonly model: string }[]
  readonly nextCursor: string | null
}

const list = async ({ browser }: Person, query: string): Promise<Page> =>
  (await browser.get(`/api/runs?${query}`)).json<Page>()
const excerpts = async (person: Person, query: string): Promise<string[]> =>
  (await list(person, query)).runs.map(({ excerpt }) => excerpt)
const run = async ({ browser }: Person, prompt: string, model = 'gpt-5.4') =>
  (await browser.post('/api/runs', { model, prompt, stream: false })).json<{ id: string }>().id

describe('the list', () => {
  let ada: Person
  beforeAll(async () => {
    ada = await lab.person()
    for (const index of [1, 2, 3, 4, 5]) await run(ada, `prompt number ${index}`)
    await run(ada, 'Über Käfer und Bäume', 'claude-sonnet-5')
    await run(ada, 'refused', 'openai/emulator-error-400')
  })

  test('is in pages, the newest first, each run once', async () => {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: Page = await list(ada, `limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
      seen.push(...page.runs.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(seen).toHaveLength(7)
    expect(seen).toEqual([...new Set(seen)].sort().reverse())
  })

  test('is narrowed by state, provider and model', async () => {
    expect(await excerpts(ada, 'state=failed')).toEqual(['refused'])
    expect(await excerpts(ada, 'provider=anthropic')).toEqual(['Über Käfer und Bäume'])
    expect(await excerpts(ada, 'model=gpt-5.4&limit=1')).toEqual(['prompt number 5'])
    expect(await excerpts(ada, 'state=interrupted')).toEqual([])
  })

  test('is searched by whole words of the prompt, whatever their case, all of which must be there', async () => {
    expect(await excerpts(ada, `q=${encodeURIComponent('BÄUME käfer')}`)).toEqual(['Über Käfer und Bäume'])
    expect(await excerpts(ada, 'q=number&limit=2')).toEqual(['prompt number 5', 'prompt number 4'])
    expect(await excerpts(ada, 'q=numb')).toEqual([])
    expect(await excerpts(ada, `q=${encodeURIComponent('käfer number')}`)).toEqual([])
    expect(await excerpts(ada, `q=${encodeURIComponent('!?')}`)).toEqual([])
    expect(await excerpts(await lab.person(), 'q=number')).toEqual([])
  })

  test('refuses a cursor that was changed, or made for somebody else', async () => {
    const { nextCursor } = await list(ada, 'limit=2')
    const bytes = Buffer.from(String(nextCursor), 'base64url')
    const forged = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const copy = Buffer.from(bytes)
      copy.writeUInt8((copy[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3)
      return copy.toString('base64url')
    })
    const bob = await lab.person()
    const answers = await Promise.all([
      ...[...forged, 'x', `${nextCursor}A`, `${nextCursor}=`].map((cursor) =>
        ada.browser.get(`/api/runs?cursor=${cursor}`),
      ),
      bob.browser.get(`/api/runs?cursor=${nextCursor}`),
    ])
    expect(new Set(answers.map(({ status, json }) => `${status} ${json()['code']}`))).toEqual(
      new Set(['400 CURSOR_INVALID']),
    )
  })
})

test('Z1 a foreign run answers exactly like a missing one, and stays as it was', async () => {
  const [ada, bob] = [await lab.person(), await lab.person()]
  const id = await run(ada, 'mine alone')
  const told = ({ status, text }: ReadAnswer) => [status, text.replace(/req_[0-9a-f-]+/g, 'req')]
  const ask = [
    (runId: string) => bob.browser.get(`/api/runs/${runId}`),
    (runId: string) => bob.browser.post(`/api/runs/${runId}/cancel`),
    (runId: string) => bob.browser.delete(`/api/runs/${runId}`),
  ]
  for (const each of ask) {
    const foreign = told(await each(id))
    expect(foreign).toEqual(told(await each(newId('run'))))
    expect(foreign[0]).toBe(404)
  }
  expect((await ada.browser.get(`/api/runs/${id}`)).json()).toMatchObject({ output: 'You said: mine alone' })
})

test.skipIf(onPostgres)('D1 a deleted run leaves none of its ciphertext in any file of the database', async () => {
  const ada = await lab.person()
  const id = await run(ada, 'the words that go away')
  const { insideOf } = await import('../../../core/platform.ts')
  const { runs, runTerms } = await import('../../../core/store/schema.ts')
  const { eq } = await import('drizzle-orm')
  const { store } = insideOf(lab.oort.platform)
  const [row] = await store.read
    .select()
    .from(runs)
    .where(eq(runs.id, id as never))
  const terms = () =>
    store.read
      .select()
      .from(runTerms)
      .where(eq(runTerms.runId, id as never))
  const secrets = [row?.promptCiphertext, row?.outputCiphertext, row?.excerptCiphertext].map(
    (bytes) => bytes ?? Buffer.alloc(0),
  )
  const search = createByteSearch(secrets)
  expect((await terms()).length).toBeGreaterThan(0)
  expect(search(await bytesIn(lab.oort.dataDir)).size).toBe(3)

  const deleted = await ada.browser.delete(`/api/runs/${id}`)
  expect(deleted.json()).toEqual({ bytesErased: true })
  expect(search(await bytesIn(lab.oort.dataDir)).size).toBe(0)
  expect(await terms()).toEqual([])
  expect((await ada.browser.get(`/api/runs/${id}`)).status).toBe(404)
  expect(await excerpts(ada, 'q=words')).toEqual([])
})
