/** Some rows as NDJSON. */
export interface Page {
  readonly text: string
  readonly rows: number
}

/** What a page should come to, in characters: reading more at once is hardly faster and has to lie in memory. */
const pageLength = 500_000
const firstPage = 20
const largestPage = 500

/**
 * Reads rows page by page, each when it is asked for. `read` answers up to `limit` rows that follow `last`. The limit
 * adapts to what the rows before came to, so that neither short nor long rows make a page too large.
 */
export async function* inPages<R extends object>(
  read: (limit: number, last: R | undefined) => Promise<readonly R[]>,
  line: (row: R) => object = (row) => row,
): AsyncGenerator<Page> {
  let limit = firstPage
  let last: R | undefined
  for (;;) {
    const rows = await read(limit, last)
    if (rows.length === 0) return
    const text = rows.map((row) => `${JSON.stringify(line(row))}\n`).join('')
    yield { text, rows: rows.length }
    last = rows.at(-1)
    limit = Math.max(1, Math.min(largestPage, Math.floor((pageLength * rows.length) / text.length)))
  }
}
