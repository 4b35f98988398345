import { readFileSync } from 'node:fs'

/**
 * The text of the verifier that each archive carries. It is read as it lies in the repository; the build copies it
 * beside every bundle that reads it.
 */
export function verifierSource(): Buffer {
  return readFileSync(new URL('./verify.mjs', import.meta.url))
}
