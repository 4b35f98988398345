import { afterAll, describe, expect, test } from 'vitest'
import { pages } from '../../../functions/web/pages.ts'
import { startOort } from '../../support/oort.ts'

const oort = await startOort()
afterAll(() => oort.close())
const guest = oort.browser()
const asPage = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const at = (path: string) => path.replaceAll(/:\w+/g, 'any')

/** Addresses of the assets that a document names. */
const named = (html: string) => [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '')

describe('every page answers its document', () => {
  test.each(pages.map((page) => [page.path, page] as const))('%s', async (path, page) => {
    const { status, headers, text } = await guest.get(at(path))
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(text).toContain(`<title>${page.title}</title>`)
    expect(named(text).length).toBeGreaterThan(4)
  })

  test('and every asset that a document names is there, under a name that never changes its content', async () => {
    const documents = await Promise.all(pages.map(({ path }) => guest.get(at(path))))
    const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' }
    for (const path of new Set(documents.flatMap(({ text }) => named(text)))) {
      const { status, headers } = await guest.get(path)
      expect([path, status]).toEqual([path, 200])
      expect(path).toMatch(/-[A-Z0-9]{8}\.(js|css|svg)$/)
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(headers.get('content-type')).toBe(types[path.split('.').at(-1) as keyof typeof types])
    }
  })
})

test('a document is asked for anew each time, and sent once', async () => {
  const first = await guest.get('/')
  expect(first.headers.get('cache-control')).toBe('private, no-cache')
  const etag = first.headers.get('etag') ?? ''
  const again = await guest.get('/', { 'if-none-match': etag })
  expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag])
  expect((await guest.get('/sign-in', { 'if-none-match': etag })).status).toBe(200)
})

test('a document says whether a session was sent, and nothing of whose', async () => {
  const [user, other] = [await oort.signedIn(), await oort.signedIn()]
  const [own, others, nobodys] = await Promise.all([user.get('/'), other.get('/'), guest.get('/')])
  expect(own.text).toBe(others.text)
  expect(own.text).toBe(nobodys.text.replace('content="none"', 'content="sent"'))
  expect(own.headers.get('vary')).toBe('Cookie')
})

describe('an address that has no page', () => {
  test('answers people with a page', async () => {
    const { status, headers, text } = await guest.get('/nowhere', asPage)
    expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    expect(text).toContain('<title>Not found · Oort</title>')
  })

  test.each([
    ['to a program', 'GET', '/nowhere', { accept: 'application/json' }],
    ['to who does not say', 'GET', '/nowhere', {}],
    ['to who would change something', 'POST', '/nowhere', asPage],
    ['where programs call', 'GET', '/api/nowhere', asPage],
    ['where providers’ clients call', 'GET', '/v1/nowhere', asPage],
    ['among the assets', 'GET', '/assets/nowhere.js', asPage],
    ['beside the assets', 'GET', '/assets/..%2f.manifest.json', asPage],
    ['at what the server alone reads', 'GET', '/assets/.manifest.json', asPage],
  ])('answers with a problem %s', async (_who, method, path, headers) => {
    const answer = await guest.send(method, path, { headers })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.json()).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' })
  })
})
