import type { CustomTypesConfig, types as typesOfDriver } from 'pg'

/** By the object ids of int8 and numeric. Source: https://www.postgresql.org/docs/current/catalog-pg-type.html */
const numbers = new Set([20, 1700])

/** Counts and times are numbers, as in SQLite: none of ours is beyond 2^53. All else is as the driver has it. */
export function numberTypes({ types }: { readonly types: typeof typesOfDriver }): CustomTypesConfig {
  return {
    getTypeParser: ((id: number, format?: 'text' | 'binary') =>
      numbers.has(id) ? Number : types.getTypeParser(id, format as 'text')) as typeof types.getTypeParser,
  }
}
