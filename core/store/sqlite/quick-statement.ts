import type { Statement } from 'better-sqlite3'
import { Column, is, Param, Placeholder } from 'drizzle-orm'

interface Decoder {
  mapFromDriverValue(value: unknown): unknown
}

/** What drizzle keeps in a prepared statement, in the version that the lockfile names. */
interface Prepared {
  readonly stmt: Statement<unknown[]>
  readonly query: { readonly params: readonly unknown[] }
  readonly fields: readonly { readonly path: readonly string[]; readonly field: unknown }[] | undefined
}

type Values = Readonly<Record<string, unknown>>
type Slot = (values: Values) => unknown

/**
 * A statement of drizzle's that finds out once, and not at each run, which values go where and how they are written and
 * read. Only for statements whose columns are not nested in the answer; throws TypeError for others.
 */
export function quickStatement<S extends object>(statement: S): S {
  const { stmt, query, fields } = statement as unknown as Prepared
  const slots = query.params.map(slotOf)
  const bind = (values: Values): unknown[] => slots.map((slot) => slot(values))
  const changes = async (values: Values) => stmt.run(...bind(values))
  if (fields === undefined) return { execute: changes } as unknown as S
  const reading = fields.map(({ path: [name = '', ...rest], field }) => {
    if (rest.length > 0) throw new TypeError(`${name} is nested in the answer`)
    return { name, read: readerOf(field) }
  })
  stmt.raw()
  const rows = async (values: Values) =>
    (stmt.all(...bind(values)) as unknown[][]).map((raw) => {
      const row: Record<string, unknown> = {}
      for (const [index, { name, read }] of reading.entries()) {
        const value = raw[index]
        row[name] = value === null || read === undefined ? value : read(value)
      }
      return row
    })
  return { execute: rows } as unknown as S
}

function slotOf(param: unknown): Slot {
  if (is(param, Placeholder)) return valueAt(param.name)
  if (!is(param, Param) || !is(param.value, Placeholder)) return () => param
  const given = valueAt(param.value.name)
  const { encoder } = param
  return (values) => encoder.mapToDriverValue(given(values))
}

function valueAt(name: string): Slot {
  return (values) => {
    const value = values[name]
    if (value === undefined) throw new TypeError(`no value for ${name}`)
    return value
  }
}

/** How what SQLite answers becomes the column's value; undefined where it is that already. */
function readerOf(field: unknown): Decoder['mapFromDriverValue'] | undefined {
  const decoder = is(field, Column) ? (field as unknown as Decoder) : decoderOf(field)
  if (decoder.mapFromDriverValue === Column.prototype.mapFromDriverValue) return undefined
  return (value) => decoder.mapFromDriverValue(value)
}

function decoderOf(field: unknown): Decoder {
  const { decoder, sql } = field as { readonly decoder?: Decoder; readonly sql?: { readonly decoder: Decoder } }
  const found = decoder ?? sql?.decoder
  if (found === undefined) throw new TypeError('a field without a decoder')
  return found
}
