import { afterAll, describe, expect, test } from 'vitest'
import { newId } from '../../../core/ids.ts'
import { adminPages } from '../../../functions/admin/pages.ts'
import { scopeOf } from '../../support/seed.ts'
import { openLab, type Person } from '../runs/lab.ts'
import { administrator } from './lab.ts'

const lab = await openLab()
afterAll(() => lab[Symbol.asyncDispose]())

/** What a browser sends that goes to an address. */
const looking = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const at = (path: string) => path.replace(':userId', newId('user'))
const all = adminPages.map((page) => [page.path, page] as const)

async function takeRole({ userId }: Person): Promise<void> {
  const event = { type: 'user.role_changed', role: 'user', reason: 'test' } as const
  await scopeOf(lab.oort.platform, userId).write((tx) => tx.updateProfile({ role: 'user' }, event))
}

describe('Z2 the document of a page for administrators', () => {
  test.each(all)(
    '%s is for them, and is refused from the request on that follows the end of the role',
    async (path, page) => {
      const admin = await administrator(lab)
      const before = await admin.browser.get(at(path), looking)
      expect([before.status, before.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(before.text).toContain(`<title>${page.title}</title>`)
      expect(before.text).toMatch(/src="\/assets\/admin-[A-Z0-9]{8}\.js"/)
      await takeRole(admin)
      const after = await admin.browser.get(at(path), looking)
      expect([after.status, after.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8'])
      expect(after.text).toContain('This page is for administrators')
      expect(after.text).not.toMatch(/assets\/admin-/)
    },
  )

  test.each(all)('%s sends who is not signed in to sign in, and tells the way back', async (path) => {
    const url = `${at(path)}?a=b&c`
    const { status, headers, text } = await lab.oort.browser().get(url, looking)
    expect([status, text]).toEqual([303, ''])
    const location = new URL(headers.get('location') ?? '', lab.oort.publicUrl)
    expect([location.pathname, location.searchParams.get('to')]).toEqual(['/sign-in', url])
  })

  test.each(all)('%s answers a program with a problem', async (path) => {
    const nobody = await lab.oort.browser().get(at(path), { accept: 'application/json' })
    expect([nobody.status, nobody.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
    const { browser } = await lab.person([])
    const user = await browser.get(at(path))
    expect([user.status, user.headers.get('content-type')]).toEqual([403, 'application/problem+json'])
  })

  test('says so for an address that can be no account', async () => {
    const { browser } = await administrator(lab)
    const { status, text } = await browser.get('/admin/users/%3Cscript%3E', looking)
    expect(status).toBe(400)
    expect(text).toContain('There is no such account')
    expect(text).not.toContain('<script>')
  })

  test('is kept by nobody once it was refused', async () => {
    const { browser } = await lab.person([])
    expect((await browser.get('/admin', looking)).headers.get('cache-control')).toBe('no-store')
    expect((await lab.oort.browser().get('/admin', looking)).headers.get('cache-control')).toBe('no-store')
  })
})
