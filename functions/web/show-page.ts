import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import { answerDocument } from '../../core/pages/answer-document.ts'
import type { PageDocument } from '../../core/pages/document.ts'
import type { Page } from './pages.ts'

/** Longer than any id that we issue. */
const segment = z.string().max(100)

/** What a document says beside its script, for pages that can be read without one. */
export type Said = Pick<PageDocument, 'content' | 'feed'>

/**
 * Answers the document of a page: the same one whatever the address names, as the script asks for the record. `say`
 * makes what stands in the document itself.
 */
export function showPage(
  { path, entry, title, description }: Page,
  say: () => Promise<Said> = async () => ({}),
): Operation {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')
  return operation({
    method: 'GET',
    url: path,
    access: 'public',
    summary: `The page “${title}”`,
    schema: {
      ...(names.length === 0 ? {} : { params: z.object(Object.fromEntries(names.map((name) => [name, segment]))) }),
      response: { 200: z.string() },
    },
    handle: async (call) => answerDocument(call, { entry, title, description, ...(await say()) }),
  })
}
