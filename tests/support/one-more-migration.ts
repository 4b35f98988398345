import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The `shipped` migrations of an engine and one more of this SQL, in a folder below `into`, which is answered. */
export function withOneMore(shipped: string, into: string, sql: string): string {
  const copy = join(into, 'migrations')
  cpSync(shipped, copy, { recursive: true })
  const journal = join(copy, 'meta', '_journal.json')
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8')) as { entries: { when: number }[] }
  const last = entries.at(-1)
  const more = { ...last, idx: entries.length, when: 9_999_999_999_999, tag: '9999_more' }
  writeFileSync(journal, JSON.stringify({ ...rest, entries: [...entries, more] }))
  writeFileSync(join(copy, '9999_more.sql'), sql)
  return copy
}
