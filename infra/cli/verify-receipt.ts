import { readFile } from 'node:fs/promises'
import { parseArguments } from '../../core/export/verify.mjs'
import { type ReceiptFault, verifyDeletion } from '../../core/receipts/verify-deletion.ts'

const faults: Readonly<Record<ReceiptFault, string>> = {
  not_a_receipt: 'the file holds no deletion receipt',
  key_altered: 'its public key is not the one that its fingerprint names',
  signature_wrong: 'the statement is not the one that was signed',
  total_wrong: 'the rows of its tables do not add up to its total',
  key_foreign: 'another key signed it than the one that you named',
}

/**
 * `verify-receipt <receipt.json> [--key <fingerprint>]`: checks a deletion receipt offline. Takes the receipt alone or
 * the whole answer to the deletion. Exits with 0 for an intact one, 1 for any other, 64 for arguments that make no
 * sense.
 */
export async function verifyReceiptFile(args: readonly string[]): Promise<0 | 1 | 64> {
  const asked = parseArguments(args)
  if (asked?.place === undefined) {
    process.stderr.write('Usage: verify-receipt <receipt.json> [--key <fingerprint>]\n')
    return 64
  }
  const verdict = verifyDeletion(await readFile(asked.place, 'utf8').catch(() => ''), asked)
  if (!verdict.intact) {
    process.stdout.write(`NOT INTACT  ${faults[verdict.fault]} (${verdict.fault})\n`)
    return 1
  }
  const { userId, deletedAt, total, rowsDeleted, auditHead } = verdict.statement
  const advice = 'Compare it with what the server tells at /api/auth/receipt-key, or pass it as --key.\n'
  process.stdout.write(
    `INTACT  ${total} rows of ${Object.keys(rowsDeleted).length} tables, the last audit entry is ${auditHead.seq}\n` +
      `Account ${userId}, deleted ${new Date(deletedAt).toISOString()}\n` +
      `Signed by the key ${verdict.fingerprint}\n${asked.key === undefined ? advice : ''}`,
  )
  return 0
}

if (import.meta.main) process.exitCode = await verifyReceiptFile(process.argv.slice(2))
