import { afterAll, describe, expect, test } from 'vitest'
import { day } from '../../../core/clock.ts'
import { catalogue } from '../../../core/errors.ts'
import { routesOf } from '../../security/route-table.ts'
import { startOort } from '../../support/oort.ts'

let now = Date.now()
const oort = await startOort({ clock: () => now })
afterAll(() => oort.close())
const browser = oort.browser()

test('says that it is well', async () => {
  expect(await browser.get('/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' })
})

describe('H4 security.txt', () => {
  const fieldsOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(': ') as [string, string])

  test('has what RFC 9116 demands, each once', async () => {
    const { headers, text } = await browser.get('/.well-known/security.txt')
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(Object.fromEntries(fieldsOf(text))).toEqual({
      Contact: 'mailto:security@oort.dev',
      Expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      'Preferred-Languages': 'en',
      Canonical: 'https://oort.test/.well-known/security.txt',
      Policy: 'https://oort.test/security',
    })
    expect(fieldsOf(text)).toHaveLength(5)
  })

  test('expires 1 to 364 days ahead, for as long as the server runs', async () => {
    for (let years = 0; years < 5; years += 1) {
      const { text } = await browser.get('/.well-known/security.txt')
      const ahead = Date.parse(Object.fromEntries(fieldsOf(text))['Expires'] ?? '') - now
      expect(ahead).toBeGreaterThan(1 * day)
      expect(ahead).toBeLessThan(364 * day)
      now += 400.3 * day
    }
  })
})

test('lists the codes of all errors', async () => {
  expect((await browser.get('/errors')).json()).toEqual(catalogue)
})

describe('the description of the API', async () => {
  interface Description {
    readonly openapi: string
    readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  }
  interface Described {
    readonly operationId: string
    readonly security: readonly object[]
    readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> }
    readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
    readonly responses: Readonly<Record<string, object>>
  }
  const { status, headers, text } = await browser.get('/api/openapi.json')
  const description = JSON.parse(text) as Description
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]) => [`${method.toUpperCase()} ${path}`, each] as const),
  )

  test('is OpenAPI 3.1', () => {
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    expect(description.openapi).toMatch(/^3\.1\.\d$/)
  })

  test('holds every operation of the host, under an id of its own', () => {
    const names = routesOf(oort).map(
      ({ operation: { method, url } }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`,
    )
    expect(described.map(([name]) => name).sort()).toEqual(names.sort())
    expect(new Set(described.map(([, { operationId }]) => operationId)).size).toBe(described.length)
  })

  test.each(routesOf(oort).map((route) => [route.name, route] as const))('%s as it is', (_name, { operation }) => {
    const { url, method, access, schema } = operation
    const found = description.paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    expect(found?.security.length).toBe({ public: 0, session: 1, admin: 1 }[access as string] ?? 3)
    expect(found?.requestBody !== undefined).toBe(schema.body !== undefined)
    const inPath = found?.parameters?.filter((parameter) => parameter.in === 'path') ?? []
    expect(inPath.map(({ name, required }) => [name, required])).toEqual(
      [...url.matchAll(/:(\w+)/g)].map(([, name]) => [name, true]),
    )
    expect(Object.keys(found?.responses ?? {})).toEqual([...Object.keys(schema.response), 'default'])
  })

  test('refers to nothing that it does not hold', () => {
    const at = (pointer: string) =>
      pointer
        .slice(2)
        .split('/')
        .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], description)
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"([^"]+)"/g))
      expect([pointer, at(pointer)]).not.toContain(undefined)
  })
})
