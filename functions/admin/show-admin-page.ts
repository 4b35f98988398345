import * as z from 'zod'
import type { OortError } from '../../core/errors.ts'
import { type Answer, bytes, type Operation, operation } from '../../core/http/operation.ts'
import { idOf } from '../../core/ids.ts'
import { answerDocument, answerInstead } from '../../core/pages/answer-document.ts'
import { markup } from '../../core/pages/markup.ts'
import type { AdminPage } from './pages.ts'

/**
 * Answers the document of a page for administrators, whose role is read at each. Instead, a browser gets: the way to
 * sign in and back, where nobody is signed in; a page with status 403 for anybody else.
 */
export function showAdminPage({ path, entry, title }: AdminPage): Operation {
  return operation({
    method: 'GET',
    url: path,
    access: 'admin',
    summary: `The page “${title}”`,
    schema: {
      ...(path.includes(':userId') ? { params: z.strictObject({ userId: idOf('user') }) } : {}),
      response: { 200: z.string() },
    },
    errorPage,
    handle: (call) => answerDocument(call, { entry: `admin/${entry}`, title, description: 'For administrators.' }),
  })
}

function errorPage({ code }: OortError, url: string): Answer | undefined {
  if (code === 'UNAUTHENTICATED') {
    const location = `/sign-in?${new URLSearchParams({ to: url })}`
    return bytes(303, 'text/plain; charset=utf-8', Buffer.alloc(0), { location, 'cache-control': 'no-store' })
  }
  if (code === 'FORBIDDEN') {
    return refusal(403, 'This page is for administrators', 'Your account does not have that role, or has it no more.')
  }
  return code === 'BODY_INVALID' ? refusal(400, 'There is no such account', 'The address names none.') : undefined
}

function refusal(status: number, title: string, text: string): Answer {
  const content = markup`<div class="page card-page"><section class="card"><h1>${title}</h1><p class="lead">${text}</p><a class="button primary" href="/">To the first page</a></section></div>`
  return answerInstead(status, { entry: 'not-found', title: `${title} · Oort`, description: text, content })
}
