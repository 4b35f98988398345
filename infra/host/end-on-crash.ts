import { toOortError } from '../../core/http/problem.ts'
import type { Platform } from '../../core/platform.ts'

/**
 * Ends the process with 1 at an exception that nobody caught: what it left half done cannot be known. It is told as
 * every other error is; what Node would print of it quotes its message, and that can hold anything.
 */
export function endOnCrash({ log, faults }: Pick<Platform, 'log' | 'faults'>): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'crashed')
    faults.report(toOortError(error), { requestId: '', method: '', route: '' })
    void faults.close().finally(() => process.exit(1))
  })
}
