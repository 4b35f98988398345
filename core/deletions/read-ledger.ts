import { createReadStream, existsSync } from 'node:fs'
import type { Bytes } from '../crypto/sealed-stream.ts'
import { type Deletion, deletionIn } from './deletion.ts'

/** The whole lines of a text, without their line feeds: what a crash left of an unfinished last one is no line. */
export async function* linesIn(bytes: Bytes): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const some of bytes) {
    const lines = (rest + decoder.decode(some, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/** The deletions that a ledger tells of. Throws where it holds anything but lines of a ledger. */
export async function* deletionsIn(bytes: Bytes): AsyncGenerator<Deletion> {
  for await (const line of linesIn(bytes)) {
    const deletion = deletionIn(line)
    if (deletion !== undefined) yield deletion
  }
}

/** As `deletionsIn`, for a file; none where it does not exist. */
export async function* deletionsInFile(file: string): AsyncGenerator<Deletion> {
  if (existsSync(file)) yield* deletionsIn(createReadStream(file))
}
