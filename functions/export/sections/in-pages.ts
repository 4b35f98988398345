/** Some rows as NDJSON. */
export interface Page {
  readonly bytes: Buffer
  readonly rows: number
}

/**
 * What a page should come to. A larger one is read in a little less time, but its rows outlive the collections of
 * young garbage, and V8 answers that with a heap that it never gives back.
 */
const pageBytes = 20_000
const firstPage = 5
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
  const next = async (): Promise<Page> => {
    const rows = await read(limit, last)
    const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(line(row))}\n`).join(''))
    last = rows.at(-1)
    limit = Math.max(1, Math.min(largestPage, Math.floor((pageBytes * rows.length) / bytes.length)))
    return { bytes, rows: rows.length }
  }
  for (let page = await next(); page.rows > 0; page = await next()) yield page
}
