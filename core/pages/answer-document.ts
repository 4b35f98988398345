import { createHash } from 'node:crypto'
import { type Answer, bytes, type Call, type OperationSchema } from '../http/operation.ts'
import { assetsOf } from './assets.ts'
import { type PageDocument, renderDocument } from './document.ts'

const html = 'text/html; charset=utf-8'

/** A page by the name of its entry among the built assets. */
export type NamedPage = Omit<PageDocument, 'assets' | 'session'> & { readonly entry: string }

/**
 * Answers a page's document, or 304 to a browser that has it. It is asked for anew each time, since it names the
 * assets of this very build, and depends on the cookie by `oort-session` alone.
 */
export async function answerDocument(
  { headers, cookie }: Pick<Call<'public', OperationSchema>, 'headers' | 'cookie'>,
  { entry, ...page }: NamedPage,
): Promise<Answer> {
  const session = (await cookie.read()) !== undefined
  const body = Buffer.from(renderDocument({ ...page, assets: assetsOf(entry), session }))
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  const caching = { etag, 'cache-control': 'private, no-cache', vary: 'Cookie' }
  if (headers['if-none-match'] === etag) return bytes(304, html, Buffer.alloc(0), caching)
  return bytes(200, html, body, caching)
}

/** Answers a document in the place of the one that was asked for, such as why it is not to be had. */
export function answerInstead(status: number, { entry, ...page }: NamedPage): Answer {
  const body = renderDocument({ ...page, assets: assetsOf(entry), session: true })
  return bytes(status, html, Buffer.from(body), { 'cache-control': 'no-store' })
}
