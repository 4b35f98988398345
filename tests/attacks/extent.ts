import { createHash } from 'node:crypto'

/** Whether the long forms are asked for, as `npm run test:attacks` does. */
export const long = process.env['OORT_ATTACKS_LONG'] === '1'

/** What all chance of the attack suite comes from: `npm run test:attacks -- --seed <n>` repeats a run's choices. */
export const seed = Number(process.env['OORT_ATTACKS_SEED'] ?? 1)

/** The measure of a form: the short one runs with all tests, the long one under `npm run test:attacks`. */
export function extent(short: number, whole: number): number {
  return long ? whole : short
}

/** Numbers from 0 up to 1, the same for each run of the same seed and name. */
export function chanceOf(name: string): () => number {
  let drawn = 0
  return () => {
    drawn += 1
    return createHash('sha256').update(`${seed} ${name} ${drawn}`).digest().readUInt32LE() / 2 ** 32
  }
}
