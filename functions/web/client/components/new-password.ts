import type { ApiError } from '../api/problem.ts'

export const passwordHint = 'At least 15 characters. A sentence that you will remember does well.'

/** Puts a refusal of a new password beside its field. */
export function passwordIssue(
  { code, message }: ApiError,
  field: string,
): Readonly<Record<string, string>> | undefined {
  return code === 'PASSWORD_TOO_SHORT' || code === 'PASSWORD_TOO_COMMON' ? { [field]: message } : undefined
}
