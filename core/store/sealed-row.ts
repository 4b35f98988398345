import { getTableColumns } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Sealed } from '../crypto/sealed.ts'

type Packed<N extends string> = { [K in `${N}KeyVersion`]: number } & {
  [K in `${N}Iv` | `${N}Tag` | `${N}Ciphertext`]: Buffer
}

type Unpackable<N extends string> = { readonly [K in `${N}KeyVersion`]: number | null } & {
  readonly [K in `${N}Iv` | `${N}Tag` | `${N}Ciphertext`]: Buffer | null
}

/** The names of the sealed values of a table: `secret` for the columns secretKeyVersion, secretIv, … */
export function sealedNamesOf(table: SQLiteTable): string[] {
  return Object.keys(getTableColumns(table))
    .filter((column) => column.endsWith('KeyVersion'))
    .map((column) => column.slice(0, -'KeyVersion'.length))
}

type Columns = readonly [keyVersion: string, iv: string, tag: string, ciphertext: string]

const known = new Map<string, Columns>()

/** The columns over which the sealed value `name` is spread. */
export function sealedColumnsOf(name: string): Columns {
  const found = known.get(name)
  if (found !== undefined) return found
  const columns = [`${name}KeyVersion`, `${name}Iv`, `${name}Tag`, `${name}Ciphertext`] as const
  known.set(name, columns)
  return columns
}

/** Spreads a sealed value over the four columns of `name`. */
export function packSealed<N extends string>(name: N, sealed: Sealed): Packed<N> {
  const [keyVersion, iv, tag, ciphertext] = sealedColumnsOf(name)
  return {
    [keyVersion]: sealed.keyVersion,
    [iv]: sealed.iv,
    [tag]: sealed.tag,
    [ciphertext]: sealed.ciphertext,
  } as Packed<N>
}

/** Gathers the sealed value `name` from its four columns, which must not be null. */
export function unpackSealed<N extends string>(
  row: { readonly [K in keyof Packed<N>]: Packed<N>[K] },
  name: N,
): Sealed {
  const sealed = unpackOptionalSealed<N>(row as unknown as Unpackable<N>, name)
  if (sealed === null) throw new TypeError(`the sealed value ${name} is null`)
  return sealed
}

/** Gathers the sealed value `name`, or null where there is none. */
export function unpackOptionalSealed<N extends string>(row: Unpackable<N>, name: N): Sealed | null {
  const columns = row as unknown as Readonly<Record<string, number | Buffer | null>>
  const [keyVersion, iv, tag, ciphertext] = sealedColumnsOf(name).map((column) => columns[column])
  if (typeof keyVersion !== 'number') return null
  if (!Buffer.isBuffer(iv) || !Buffer.isBuffer(tag) || !Buffer.isBuffer(ciphertext)) return null
  return { keyVersion, iv, tag, ciphertext }
}
