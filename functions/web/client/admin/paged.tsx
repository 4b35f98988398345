import type { ComponentChildren } from 'preact'
import { explain } from '../api/problem.ts'
import { Button } from '../components/button.tsx'
import { Notice } from '../components/notice.tsx'
import { Skeleton } from '../components/skeleton.tsx'
import type { Pages } from './use-pages.ts'

/** A list that comes page by page, in each of its states. */
export function Paged<Row>({
  pages,
  empty,
  children,
}: {
  readonly pages: Pages<Row>
  /** What stands there when there is no row. */
  readonly empty: ComponentChildren
  children(rows: readonly Row[]): ComponentChildren
}) {
  const { rows, error, loading, more, loadMore, reload } = pages
  return (
    <>
      {error !== undefined && (
        <Notice kind="error">
          <p>{explain(error)}</p>
          <Button onClick={reload}>Try again</Button>
        </Notice>
      )}
      {rows === undefined && error === undefined && <Skeleton lines={6} />}
      {rows !== undefined && (rows.length === 0 ? empty : children(rows))}
      {more && (
        <div class="more">
          <Button pending={loading} onClick={loadMore}>
            Show more
          </Button>
        </div>
      )}
    </>
  )
}
