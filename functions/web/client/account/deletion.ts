import type { DeletionReceipt } from '../../../../core/receipts/deletion-receipt.ts'

/** What the server answered to the deletion of an account. */
export interface Deletion {
  readonly rowsDeleted: Readonly<Record<string, number>>
  readonly bytesErased: boolean
  readonly receipt: DeletionReceipt
}

let last: Deletion | undefined

/** Keeps the answer for the page that shows it: there is no account left that could ask for it again. */
export function keepDeletion(deletion: Deletion): void {
  last = deletion
}

/** The deletion that this page of the browser has seen, until it is loaded anew. */
export function lastDeletion(): Deletion | undefined {
  return last
}
