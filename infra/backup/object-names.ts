import { randomBytes } from 'node:crypto'

/** A backup consists of three objects. The manifest is written last: without it there is no backup. */
export const parts = ['database', 'checkpoints', 'manifest'] as const

export type Part = (typeof parts)[number]

const backupId = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}$/

/** A fresh id of a backup, such as `20261124T173446123Z-1a2b3c4d`: ids made later sort later. */
export function newBackupId(now: number): string {
  return `${compact(now)}-${randomBytes(4).toString('hex')}`
}

/** When a backup was made, or undefined for a text that is no id of one. */
export function timeOfBackup(id: string): number | undefined {
  const [, year, month, day, hour, minute, second, ms] = (backupId.exec(id) ?? []).map(Number)
  if (year === undefined || month === undefined) return undefined
  return Date.UTC(year, month - 1, day, hour, minute, second, ms)
}

export function nameOf(id: string, part: Part): string {
  return `backup-${id}.${part}`
}

/** The backup and the part that an object is, or undefined for any other object. */
export function partOf(name: string): { readonly id: string; readonly part: Part } | undefined {
  const [, id = '', ending] = /^backup-(.+)\.([a-z]+)$/.exec(name) ?? []
  const part = parts.find((each) => each === ending)
  return part === undefined || timeOfBackup(id) === undefined ? undefined : { id, part }
}

/** A piece of a ledger of deletions: which ledger, from which byte to which, and when it was sent. */
export interface LedgerPiece {
  readonly ledger: string
  readonly from: number
  readonly to: number
  readonly sentAt: number
}

export function nameOfPiece({ ledger, from, to, sentAt }: LedgerPiece): string {
  return `deletions-${ledger}.${from}.${to}.${sentAt}`
}

export function pieceOf(name: string): LedgerPiece | undefined {
  const [, ledger, from, to, sentAt] =
    /^deletions-([0-9a-f-]{36})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/.exec(name) ?? []
  if (ledger === undefined) return undefined
  return { ledger, from: Number(from), to: Number(to), sentAt: Number(sentAt) }
}

function compact(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:.]/g, '')
}
