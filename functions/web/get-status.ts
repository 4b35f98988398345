import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { type Status, statusRecord } from '../../core/incidents/status.ts'
import type { Platform } from '../../core/platform.ts'
import { remember } from './remember.ts'

/** How each part of Oort is and was, and what went wrong: see `statusRecord`. At most five seconds old. */
export function getStatus({ clock }: Platform, readStatus: () => Promise<Status>): Operation {
  const answer = remember(clock, 'application/json; charset=utf-8', 5, async () =>
    JSON.stringify(statusRecord.parse(await readStatus())),
  )
  return operation({
    method: 'GET',
    url: '/api/status',
    access: 'public',
    summary: 'How Oort is: components, incidents and what was promised about them',
    schema: { response: { 200: statusRecord, 304: z.null() } },
    handle: ({ headers }) => answer(headers),
  })
}
