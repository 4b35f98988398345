/**
 * What must not compile, for `npm run typecheck`: each @ts-expect-error below is itself an error once its line compiles.
 * Nothing here runs.
 */
import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { providerKeys, runs } from '../../core/store/schema.ts'

const named = z.object({ name: z.string() })
const common = { method: 'GET', url: '/', summary: 'Something' } as const

export function everyOperationSaysWhatItAnswers(): void {
  operation({
    ...common,
    access: 'public',
    schema: { response: { 200: named, 204: z.null() } },
    async handle(_call, reply) {
      return reply(200, { name: 'Oort' })
    },
  })
  // @ts-expect-error no schema
  operation({ ...common, access: 'public', handle: async (_call, reply) => reply(200, { name: 'Oort' }) })
  operation({
    ...common,
    access: 'public',
    // @ts-expect-error no response schema
    schema: { query: z.strictObject({}) },
    handle: async () => ({ kind: 'json', status: 200, body: {}, headers: {} }),
  })
  operation({
    ...common,
    // @ts-expect-error an access that is none
    access: 'anyone',
    schema: { response: { 200: named } },
    handle: async () => ({ kind: 'json', status: 200, body: {}, headers: {} }),
  })
}

export function anAnswerHasTheShapeOfItsStatus(): void {
  operation({
    ...common,
    access: 'public',
    schema: { response: { 200: named, 202: z.object({ queued: z.literal(true) }) } },
    async handle(_call, reply) {
      // @ts-expect-error a status that the schema does not have
      reply(201, { name: 'Oort' })
      // @ts-expect-error a body of another shape
      reply(200, { name: 1 })
      // @ts-expect-error a body without a member
      reply(200, {})
      // @ts-expect-error a body with a member more
      reply(200, { name: 'Oort', ciphertext: 'x' })
      // @ts-expect-error the body of another status
      reply(200, { queued: true })
      return reply(202, { queued: true })
    },
  })
}

export function whoCallsDecidesWhatIsAtHand(): void {
  operation({
    ...common,
    access: 'public',
    schema: { response: { 200: named } },
    async handle(call, reply) {
      // @ts-expect-error a public operation has no scope
      await call.scope.profile()
      // @ts-expect-error nor an identity
      call.identity.userId
      return reply(200, { name: 'Oort' })
    },
  })
  operation({
    ...common,
    access: 'admin',
    schema: { response: { 200: named } },
    async handle({ scope, identity }, reply) {
      await scope.account(identity.userId)
      // @ts-expect-error an administrator has no door to rows
      await scope.list(runs, { limit: 1 })
      return reply(200, { name: 'Oort' })
    },
  })
  operation({
    ...common,
    access: 'runs:read',
    schema: { response: { 200: named } },
    async handle({ scope }, reply) {
      await scope.list(runs, { limit: 1 })
      // @ts-expect-error a user has no door to accounts
      await scope.account(scope.userId)
      return reply(200, { name: 'Oort' })
    },
  })
}

export function whatIsReadHasBeenValidated(): void {
  operation({
    ...common,
    access: 'session',
    schema: { params: z.strictObject({ runId: idOf('run') }), response: { 200: named } },
    async handle({ scope, params, body, query }, reply) {
      await scope.find(runs, params.runId)
      // @ts-expect-error the id of a run where that of a key is wanted
      await scope.find(providerKeys, params.runId)
      // @ts-expect-error a parameter that the schema does not have
      params.keyId
      // @ts-expect-error a body without a schema
      body.name
      // @ts-expect-error a query without a schema
      query.name
      return reply(200, { name: 'Oort' })
    },
  })
}

export function everyErrorIsInTheCatalogue(): readonly OortError[] {
  return [
    new OortError('NOT_FOUND'),
    // @ts-expect-error
    new OortError('NOT_THERE'),
    // @ts-expect-error a fact that is not among those that may be told
    new OortError('NOT_FOUND', { secret: 'sk-' }),
    // @ts-expect-error a message of its own
    new OortError('NOT_FOUND', 'There is no key sk-'),
  ]
}

export function aProofOfOriginIsForWhatNoBrowserCalls(): void {
  const answer = async () => ({ kind: 'json', status: 200, body: {}, headers: {} }) as const
  const proveOrigin = (): void => {}
  operation({ ...common, access: 'public', proveOrigin, schema: { response: { 200: named } }, handle: answer })
  // @ts-expect-error a session's cookie is what the cross-site check protects
  operation({ ...common, access: 'session', proveOrigin, schema: { response: { 200: named } }, handle: answer })
  // @ts-expect-error nor for administrators
  operation({ ...common, access: 'admin', proveOrigin, schema: { response: { 200: named } }, handle: answer })
}
