import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AuthLab, codeOf, openLab } from './lab.ts'

let lab: AuthLab
beforeAll(async () => {
  lab = await openLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Page {
  readonly entries: readonly { readonly seq: number; readonly action: string }[]
  readonly next: number | null
}

describe('the account', () => {
  test('is shown to its owner without hash, epoch or anything else', async () => {
    const owner = await lab.oort.signedIn()
    expect((await owner.get('/api/auth/me')).json()).toEqual({
      id: expect.stringMatching(/^usr_/),
      email: owner.email,
      role: 'user',
      emailVerified: true,
      secondFactor: false,
      createdAt: expect.any(Number),
    })
  })

  test.each([
    ['GET', '/api/auth/me'],
    ['GET', '/api/auth/audit'],
    ['GET', '/api/auth/sessions'],
    ['POST', '/api/auth/sign-out'],
    ['POST', '/api/auth/sign-out-everywhere'],
    ['POST', '/api/auth/change-password'],
    ['POST', '/api/auth/reauthenticate'],
    ['POST', '/api/auth/second-factor'],
    ['POST', '/api/auth/second-factor/confirm'],
    ['DELETE', '/api/auth/second-factor'],
    ['DELETE', '/api/auth/account'],
  ])('%s %s takes a session', async (method, path) => {
    expect(codeOf(await lab.oort.browser().send(method, path))).toBe('401 UNAUTHENTICATED')
  })
})

describe('the audit log', () => {
  test('is read page by page, newest first, without a gap', async () => {
    const owner = await lab.oort.signedIn()
    for (let times = 0; times < 5; times += 1) {
      await owner.post('/api/auth/reauthenticate', { password: 'not the one that it is' })
    }
    const pages: Page[] = []
    for (let before: number | null | undefined; before !== null; before = pages.at(-1)?.next) {
      const cursor = before === undefined ? '' : `&before=${before}`
      pages.push((await owner.get(`/api/auth/audit?limit=3${cursor}`)).json<Page & Record<string, unknown>>())
    }
    expect(pages.map(({ entries }) => entries.map(({ seq }) => seq))).toEqual([
      [8, 7, 6],
      [5, 4, 3],
      [2, 1],
    ])
    expect(pages.at(-1)?.entries.at(-1)?.action).toBe('user.signed_up')
  })

  test("Z1 is the owner's own alone", async () => {
    const [owner, stranger] = [await lab.oort.signedIn(), await lab.oort.signedIn()]
    const { id } = (await owner.get('/api/auth/me')).json<{ id: string }>()
    expect((await owner.get('/api/auth/audit')).text).toContain(id)
    expect((await stranger.get('/api/auth/audit')).text).not.toContain(id)
  })

  test.each(['limit=0', 'limit=101', 'limit=x', 'before=0', 'before=1.5', 'userId=usr_x'])(
    'refuses the query %s',
    async (query) => {
      const owner = await lab.oort.signedIn()
      expect(codeOf(await owner.get(`/api/auth/audit?${query}`))).toBe('400 BODY_INVALID')
    },
  )
})
