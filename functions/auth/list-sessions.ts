import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import type { Platform } from '../../core/platform.ts'
import { currentSession } from '../../core/session/current-session.ts'
import { isAlive } from '../../core/session/session-cookie.ts'
import { sessions } from '../../core/store/schema.ts'

const session = z.object({
  id: idOf('session'),
  device: z.string(),
  current: z.boolean(),
  createdAt: z.int(),
  lastSeenAt: z.int(),
  authenticatedAt: z.int(),
})

/** The newest hundred that are alive. `lastSeenAt` is right to five minutes. */
export function listSessions(platform: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/api/auth/sessions',
    access: 'session',
    summary: 'List the signed-in browsers',
    schema: { response: { 200: z.object({ sessions: z.array(session) }) } },
    async handle({ scope, identity }, reply) {
      const current = currentSession(identity)
      const now = platform.clock()
      const rows = await scope.list(sessions, { limit: 100, open: ['device'] })
      const alive = rows.filter((row) => isAlive(row, now))
      return reply(200, {
        sessions: alive.map(({ id, device, createdAt, lastSeenAt, authenticatedAt }) => ({
          id,
          device: device ?? '',
          current: id === current,
          createdAt,
          lastSeenAt,
          authenticatedAt,
        })),
      })
    },
  })
}
