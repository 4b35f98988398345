import type { TestContext } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    /** What the test measured, in one line, for the table of the properties. */
    figure?: string
  }
}

/** Keeps what a test measured: it stands in the JSON report, as `meta` of the test. */
export function figure(task: TestContext['task'], text: string): void {
  task.meta.figure = text
}
