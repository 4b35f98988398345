import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { type ReceiptFault, type ReceiptVerdict, verifyDeletion } from '../../../core/receipts/verify-deletion.ts'
import { answering } from '../answering.ts'
import { fingerprint } from '../fingerprint.ts'

/** `oort verify-receipt <receipt.json>`: says whether a deletion receipt is as it was signed, and what it states. */
export function verifyReceipt(): Command {
  const command = new Command('verify-receipt')
    .summary('check a deletion receipt, offline')
    .description('Checks the receipt of a deleted account without a network and without the database.')
    .argument('<receipt>', 'the receipt as JSON, or the whole answer to the deletion')
    .option('--key <fingerprint>', 'of the key that must have signed it (see /api/auth/receipt-key)', fingerprint)
  return answering<[string], { readonly key?: string }>(command, async ([path], { key }) => {
    const verdict = verifyDeletion(await readFile(path, 'utf8'), { key })
    return { data: verdict, text: describe(verdict, key), ok: verdict.intact }
  })
}

const faults: Readonly<Record<ReceiptFault, string>> = {
  not_a_receipt: 'the file holds no deletion receipt',
  key_altered: 'its public key is not the one that its fingerprint names',
  signature_wrong: 'the statement is not the one that was signed',
  total_wrong: 'the rows of its tables do not add up to its total',
  key_foreign: 'another key signed it than the one that was named',
}

function describe(verdict: ReceiptVerdict, key: string | undefined): string {
  if (!verdict.intact) return `NOT INTACT  ${faults[verdict.fault]} (${verdict.fault})`
  const { userId, deletedAt, total, rowsDeleted, auditHead } = verdict.statement
  const advice = 'Compare it with what the server tells at /api/auth/receipt-key, or pass it as --key.'
  return [
    `INTACT  ${total} rows of ${Object.keys(rowsDeleted).length} tables; the last audit entry is ${auditHead.seq}`,
    // A forger signs any text, and it goes to a terminal.
    `Account ${userId.replaceAll(/[^ -~]/g, '?')}, deleted ${new Date(deletedAt).toISOString()}`,
    `Signed by the key ${verdict.fingerprint}`,
    ...(key === undefined ? [advice] : []),
  ].join('\n')
}
