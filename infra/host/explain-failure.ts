import { ConfigError } from '../../core/config.ts'
import { describeError } from '../../core/describe-error.ts'
import { MigrationError } from '../../core/store/missing-migrations.ts'
import { UnreachableError } from '../../core/store/postgres/connect-owner.ts'
import { SettingsError } from '../../core/store/postgres/demand-settings.ts'
import { StoreMovedError } from '../../core/store/sqlite/moved-mark.ts'
import { PragmaError } from '../../core/store/sqlite/pragmas.ts'

export interface Failure {
  /** For people, on standard error. Names variables, addresses and codes: never a value that could be secret. */
  readonly message: string
  /** 78 asks a supervisor not to try again: the configuration is wrong. Source: sysexits(3), EX_CONFIG. */
  readonly exitCode: 1 | 78
}

/** What to say of a start that failed. */
export function explainFailure(error: unknown): Failure {
  if (error instanceof ConfigError)
    return { message: `Oort is not configured:\n${indent(error.message)}`, exitCode: 78 }
  if (error instanceof UnreachableError)
    return { message: `The database is out of reach: ${error.message}`, exitCode: 1 }
  if (error instanceof PragmaError || error instanceof SettingsError || error instanceof MigrationError) {
    return { message: `The database cannot be trusted: ${error.message}`, exitCode: 1 }
  }
  // No later attempt does better, until somebody sets where it is.
  if (error instanceof StoreMovedError) return { message: error.message, exitCode: 78 }
  if (error instanceof Error && 'syscall' in error && error.syscall === 'listen') {
    const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
    const place = `${address ?? ''}:${port ?? ''}`
    if (code === 'EADDRINUSE') return { message: `${place} is in use: set OORT_PORT to a free port`, exitCode: 1 }
    return { message: `Cannot listen on ${place}: ${code}`, exitCode: 1 }
  }
  // Messages of foreign errors can quote what they failed on, so the same is told as in the log.
  return { message: `Oort could not start: ${JSON.stringify(describeError(error))}`, exitCode: 1 }
}

function indent(lines: string): string {
  return lines.replaceAll(/^/gm, '  ')
}
