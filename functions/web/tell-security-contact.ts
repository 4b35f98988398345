import * as z from 'zod'
import { day } from '../../core/clock.ts'
import { bytes, type Operation, operation } from '../../core/http/operation.ts'
import type { Platform } from '../../core/platform.ts'

/** The file must expire within a year. As long as somebody runs this server, it is up to date. */
const validDays = 180

/** Where to report a vulnerability. Source: RFC 9116. */
export function tellSecurityContact({ config, clock }: Platform): Operation {
  return operation({
    method: 'GET',
    url: '/.well-known/security.txt',
    access: 'public',
    summary: 'Where to report a vulnerability',
    schema: { response: { 200: z.string() } },
    async handle() {
      const expires = (Math.floor(clock() / day) + validDays) * day
      const lines = [
        'Contact: mailto:security@oort.dev',
        `Expires: ${new Date(expires).toISOString()}`,
        'Preferred-Languages: en',
        `Canonical: ${config.publicUrl}/.well-known/security.txt`,
        `Policy: ${config.publicUrl}/security`,
      ]
      return bytes(200, 'text/plain; charset=utf-8', Buffer.from(`${lines.join('\n')}\n`))
    },
  })
}
