import { blob, integer, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../ids.ts'

/** Integer milliseconds since the Unix epoch, UTC. */
export const time = () => integer()

/** The user to whom a row belongs. Its presence is what makes a table a user's own (see core/scope). */
export const owner = () => text().$type<UserId>().notNull()

const version = () => integer().notNull()
const bytes = () => blob({ mode: 'buffer' }).notNull()
const optionalVersion = () => integer()
const optionalBytes = () => blob({ mode: 'buffer' })

type SealedColumns<N extends string> = { [K in `${N}KeyVersion`]: ReturnType<typeof version> } & {
  [K in `${N}Iv` | `${N}Tag` | `${N}Ciphertext`]: ReturnType<typeof bytes>
}

type OptionalSealedColumns<N extends string> = { [K in `${N}KeyVersion`]: ReturnType<typeof optionalVersion> } & {
  [K in `${N}Iv` | `${N}Tag` | `${N}Ciphertext`]: ReturnType<typeof optionalBytes>
}

/**
 * The four columns of one sealed value: key version, IV, tag and ciphertext of AES-256-GCM.
 * Handlers name the value (`secret`) and never meet the columns: core/scope seals and opens.
 */
export function sealedColumns<N extends string>(name: N): SealedColumns<N> {
  return {
    [`${name}KeyVersion`]: version(),
    [`${name}Iv`]: bytes(),
    [`${name}Tag`]: bytes(),
    [`${name}Ciphertext`]: bytes(),
  } as SealedColumns<N>
}

/** As `sealedColumns`, for a value that can be absent: then all four are null. */
export function optionalSealedColumns<N extends string>(name: N): OptionalSealedColumns<N> {
  return {
    [`${name}KeyVersion`]: optionalVersion(),
    [`${name}Iv`]: optionalBytes(),
    [`${name}Tag`]: optionalBytes(),
    [`${name}Ciphertext`]: optionalBytes(),
  } as OptionalSealedColumns<N>
}
