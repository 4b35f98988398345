/** A test by its file, from `tests/`, and its whole name, as tests/BARS.md has them: `file › group › name`. */
export type TestName = string

/** How Oort stands to a requirement: held by tests that fail without it, or one line that says why no test holds it. */
export type Verdict =
  | { readonly tests: readonly TestName[] }
  | { readonly standing: 'not applicable' | 'by reading' | 'not met'; readonly note: string }

/** Tests that fail when the requirement is broken. */
export const held = (...tests: readonly [TestName, ...TestName[]]): Verdict => ({ tests })

/** What the requirement is about is not there. */
export const absent = (note: string): Verdict => ({ standing: 'not applicable', note })

/** Kept by design, where the note says; decided by reading, and no test fails without it. */
export const read = (note: string): Verdict => ({ standing: 'by reading', note })

/** Not kept, or in part alone. */
export const unmet = (note: string): Verdict => ({ standing: 'not met', note })
