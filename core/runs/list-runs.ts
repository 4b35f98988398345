import { insideOf, type Platform } from '../platform.ts'
import type { OpenedRow } from '../scope/read-rows.ts'
import type { UserScope } from '../scope/user-scope.ts'
import { runs } from '../store/schema.ts'
import { cursorAfter, readCursor } from './page-cursor.ts'
import type { Run } from './run-order.ts'
import { searchTerms } from './search-terms.ts'

/** Each word is one more look-up for each run of the page; further ones do not narrow a search. */
const mostWords = 8

export interface RunQuery {
  readonly cursor?: string | undefined
  readonly limit: number
  /** Only runs whose prompt has all these words. Words are whole, whatever their case. */
  readonly text?: string | undefined
  readonly state?: Run['state'] | undefined
  readonly provider?: Run['provider'] | undefined
  readonly model?: string | undefined
  readonly comparisonId?: NonNullable<Run['comparisonId']> | undefined
}

export interface RunPage {
  readonly runs: readonly OpenedRow<typeof runs, 'excerpt'>[]
  /** Null on the last page. */
  readonly nextCursor: string | null
}

/** One page of a user's runs, newest first. A text without a word finds nothing. Throws CURSOR_INVALID. */
export async function listRuns(platform: Platform, scope: UserScope, query: RunQuery): Promise<RunPage> {
  const { keyring } = insideOf(platform)
  const { cursor, limit, text, state, provider, model, comparisonId } = query
  const before = cursor === undefined ? {} : { before: readCursor(keyring, scope.userId, cursor) }
  const terms = text === undefined ? undefined : searchTerms(keyring, scope.userId, text).slice(0, mostWords)
  if (terms?.length === 0) return { runs: [], nextCursor: null }
  const where = {
    ...(state === undefined ? {} : { state }),
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    ...(comparisonId === undefined ? {} : { comparisonId }),
  }
  const found = await scope.list(runs, {
    where,
    ...before,
    ...(terms === undefined ? {} : { terms }),
    limit: limit + 1,
    open: ['excerpt'],
  })
  const page = found.slice(0, limit)
  const last = found.length > limit ? page.at(-1) : undefined
  return { runs: page, nextCursor: last === undefined ? null : cursorAfter(keyring, scope.userId, last.id) }
}
