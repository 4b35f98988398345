/** Whether this is an error with this code, as Node, its libraries and the drivers of databases tell their errors apart. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
