import type { IncomingHttpHeaders } from 'node:http'
import { newDevice } from '../../core/mail/messages/new-device.ts'
import type { UserScope } from '../../core/scope/user-scope.ts'
import type { SessionCookie } from '../../core/session/session-cookie.ts'
import { type NewSession, startSession } from '../../core/session/start-session.ts'
import type { AuthParts } from './auth-parts.ts'
import { deviceLabel } from './device-label.ts'

/**
 * Signs the browser of a request in, after the proof that `method` names, and mails the owner when the account was not
 * used from this browser before. Throws UNAUTHENTICATED: see `startSession`.
 */
export async function beginSession(
  { platform, mailer, later }: AuthParts,
  scope: UserScope,
  { headers, cookie }: { readonly headers: IncomingHttpHeaders; readonly cookie: SessionCookie },
  proven: Pick<NewSession, 'method' | 'epoch'>,
): Promise<void> {
  const device = deviceLabel(headers['user-agent'])
  const { strangeDevice } = await startSession(platform, scope, cookie, { ...proven, device })
  if (!strangeDevice || !mailer.configured) return
  const at = platform.clock()
  later('notice of a new browser', async () => {
    const { email } = await scope.profile()
    await mailer.send(email, newDevice({ device, at }, platform.config.publicUrl))
  })
}
