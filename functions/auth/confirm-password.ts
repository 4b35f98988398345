import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { sessions } from '../../core/store/schema.ts'
import { codeField, passwordField } from './fields.ts'
import { proveOwner } from './prove-owner.ts'

/** Renews the time at which this session last had its password, for what asks for a recent one. */
export function confirmPassword(platform: Platform): Operation {
  return operation({
    method: 'POST',
    url: '/api/auth/confirm-password',
    access: 'session',
    summary: 'Give the password once more, before something that cannot be undone',
    schema: {
      body: z.strictObject({ password: passwordField, code: codeField.optional() }),
      response: { 200: z.object({ authenticatedAt: z.int() }) },
    },
    async handle({ body, scope, identity }, reply) {
      const { method } = await proveOwner(platform, scope, body)
      const authenticatedAt = platform.clock()
      const event = { type: 'session.reauthenticated', method } as const
      await scope.write((tx) => tx.update(sessions, currentSession(identity), { authenticatedAt }, event))
      return reply(200, { authenticatedAt })
    },
  })
}
