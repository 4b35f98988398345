import { createHash } from 'node:crypto'

/** Whether the long forms are asked for, as `npm run test:faults` and `npm run test:attacks` do. */
export const long = process.env['OORT_TESTS_LONG'] === '1'

/** What all chance of these suites comes from: `-- --seed <n>` repeats a run's choices. */
export const seed = Number(process.env['OORT_TESTS_SEED'] ?? 1)

/** The measure of a form: the short one runs with all tests, the long one where it is asked for. */
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
