import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toJsonSchema } from '../../core/http/schema-compilers.ts'
import { openLab, type Person } from '../functions/runs/lab.ts'
import { ask } from '../support/http.ts'
import { scopeOf } from '../support/seed.ts'
import { everythingOn, type ListedRoute, routesOf } from './route-table.ts'

const lab = await openLab({ oort: { env: everythingOn } })
afterAll(() => lab[Symbol.asyncDispose]())
const { oort } = lab

const all = routesOf(oort)
const withBody = all.filter(({ operation }) => operation.schema.body !== undefined)
const withQuery = all.filter(({ operation }) => operation.schema.query !== undefined)

/** What a row of ours has and no caller may set. */
const coveted = ['role', 'userId', 'id', 'plan', 'epoch', 'status', 'createdAt', 'emailVerifiedAt', 'user_id']
/** Where a member of that name is the very thing that the route is for. */
const meant = [
  'POST /api/payments/checkout plan',
  'POST /api/admin/payments/parked/:eventId/replay userId',
  'POST /api/admin/users/:userId/role role',
]
/** Bodies in a provider's language go on to the provider as they are; no row of ours is made from them. */
const passedOn = ['POST /v1/chat/completions', 'POST /v1/messages']

type Shape = Readonly<Record<string, unknown>>
const membersOf = (schema: Shape) => (schema['properties'] ?? {}) as Readonly<Record<string, Shape>>

/** The objects inside a schema that would take members which it does not name. */
function openObjects(schema: Shape, place = ''): string[] {
  const here = schema['type'] === 'object' && schema['additionalProperties'] !== false ? [place] : []
  const inside = [
    ...Object.entries(membersOf(schema)),
    ...['items', 'not'].flatMap((name) => (name in schema ? [[name, schema[name] as Shape] as const] : [])),
    ...['anyOf', 'oneOf', 'allOf'].flatMap((name) =>
      ((schema[name] ?? []) as readonly Shape[]).map((each, at) => [`${name}/${at}`, each] as const),
    ),
  ]
  return [...here, ...inside.flatMap(([name, each]) => openObjects(each, `${place}/${name}`))]
}

let person: Person
beforeAll(async () => {
  person = await lab.person()
  await scopeOf(oort.platform, person.userId).write((tx) =>
    tx.updateProfile({ role: 'admin' }, { type: 'user.role_changed', role: 'admin', reason: 'test' }),
  )
})

function send({ operation, path }: ListedRoute, body: unknown, query = '') {
  return ask(oort.origin, {
    method: operation.method,
    path: path() + query,
    headers: {
      cookie: person.browser.cookie,
      origin: oort.publicUrl,
      'x-forwarded-for': `10.${[...randomBytes(3)].join('.')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

describe('Z3 no body sets what is not asked for', () => {
  test.each(withBody.filter(({ name }) => !passedOn.includes(name)).map((route) => [route.name, route] as const))(
    '%s',
    async (name, route) => {
      const schema = toJsonSchema(route.operation.schema.body as never, 'input')
      expect(openObjects(schema)).toEqual([])
      for (const member of coveted) {
        if (member in membersOf(schema)) {
          expect(meant).toContain(`${name} ${member}`)
          continue
        }
        const { status, text } = await send(route, { ...route.body, [member]: 'admin' })
        expect([member, status, JSON.parse(text)]).toMatchObject([member, 400, { code: 'BODY_INVALID' }])
      }
    },
  )
})

describe('Z3 no query sets what is not asked for', () => {
  test.each(withQuery.map((route) => [route.name, route] as const))('%s', async (_name, route) => {
    for (const member of [...coveted, 'limit=1&limit']) {
      if (member in membersOf(toJsonSchema(route.operation.schema.query as never, 'input'))) continue
      const { status } = await send(route, undefined, `?${member}=1`)
      expect([member, status]).toEqual([member, 400])
    }
    expect((await send(route, undefined, '?limit=%00')).status).toBe(400)
  })
})

test('Z3 only bodies in a provider’s language are open', () => {
  const open = withBody.filter(
    ({ operation }) => openObjects(toJsonSchema(operation.schema.body as never, 'input'))[0] === '',
  )
  expect(open.map(({ name }) => name)).toEqual(passedOn)
})
