import { createReadStream, existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bytes } from '../../core/crypto/sealed-stream.ts'
import { type Deletion, deletionIn, ledgerFile, ledgerNamed } from '../../core/deletions/deletion.ts'
import { deletionsIn, linesIn } from '../../core/deletions/read-ledger.ts'
import { nameOfPiece, pieceOf } from './object-names.ts'
import { ledgerKeptFor } from './remove-old.ts'
import type { Vault } from './vault.ts'

/**
 * Sends what the ledger of deletions has and the target has not; with `whole`, all of it that is young enough to
 * matter, in place of the pieces it was sent in. Answers how many bytes of the ledger the target knows by now.
 */
export async function shipDeletions(
  { target, send }: Vault,
  dataDir: string,
  { whole, now }: { readonly whole: boolean; readonly now: number },
): Promise<number> {
  const file = join(dataDir, ledgerFile)
  const ledger = await nameOfLedger(file)
  if (ledger === undefined) return 0
  const pieces = (await target.list()).flatMap((name) => {
    const piece = pieceOf(name)
    return piece?.ledger === ledger ? [{ name, ...piece }] : []
  })
  const sent = Math.max(0, ...pieces.map(({ to }) => to))
  const to = await endOfLines(file)
  const from = whole || sent > to ? 0 : sent
  if (from === to) return to
  const name = nameOfPiece({ ledger, from, to, sentAt: now })
  const bytes = createReadStream(file, { start: from, end: to - 1 })
  await send(name, whole ? youngLines(bytes, now - ledgerKeptFor) : bytes)
  if (whole) for (const piece of pieces) if (piece.to <= to && piece.name !== name) await target.remove(piece.name)
  return to
}

/** Every deletion that the target knows of, from whatever ledger. Throws BackupError for a piece that was changed. */
export async function* shippedDeletions({ target, fetch }: Vault): AsyncGenerator<Deletion> {
  for (const name of await target.list()) if (pieceOf(name) !== undefined) yield* deletionsIn(fetch(name))
}

async function nameOfLedger(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined
  for await (const line of linesIn(createReadStream(file))) return ledgerNamed(line)
  return undefined
}

/** Where the last whole line ends: one may be under way. */
async function endOfLines(file: string): Promise<number> {
  const { size } = await stat(file)
  // No line is nearly as long.
  const start = Math.max(0, size - 4_096)
  let tail = Buffer.alloc(0)
  if (size > start) {
    for await (const some of createReadStream(file, { start, end: size - 1 })) tail = Buffer.concat([tail, some])
  }
  return start + tail.lastIndexOf(0x0a) + 1
}

async function* youngLines(bytes: Bytes, since: number): AsyncGenerator<Buffer> {
  for await (const line of linesIn(bytes)) {
    const at = deletionIn(line)?.at
    if (at === undefined || at >= since) yield Buffer.from(`${line}\n`)
  }
}
