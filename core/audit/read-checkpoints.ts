import { createPublicKey, type KeyObject } from 'node:crypto'
import { closeSync, createReadStream, existsSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { UserId } from '../ids.ts'
import { findLastLine } from '../store/append-only-file.ts'
import { type Checkpoint, hashLine, headsIn, parseCheckpoint } from './checkpoint.ts'

/** What a file of checkpoints says. */
export interface Checkpoints {
  /** How many lines hold. Zero where there is no file. */
  readonly lines: number
  /** SHA-256 of the last line that holds, to compare with the log or a backup: a file cut short shows nowhere else. */
  readonly last: string
  /** The first line that is not signed by us or does not follow the one before. */
  readonly brokenLine?: number
  /** The furthest head of each chain. */
  readonly heads: ReadonlyMap<UserId, readonly [seq: number, hash: string]>
  /** All that hold, oldest first. Throws Error when they are no longer those that were read before. */
  each(): AsyncGenerator<Checkpoint, undefined>
}

/** Reads a file of checkpoints, checking signatures and order, in memory that grows with the number of chains alone. */
export async function readCheckpoints(file: string, key: KeyObject): Promise<Checkpoints> {
  const publicKey = createPublicKey(key)
  const heads = new Map<UserId, readonly [number, string]>()
  let lines = 0
  let last = ''
  let broken = false
  for await (const line of linesOf(file)) {
    const checkpoint = parseCheckpoint(publicKey, line)
    if (checkpoint === undefined || checkpoint.n !== lines + 1 || checkpoint.prev !== last) {
      broken = true
      break
    }
    for (const [subject, head] of headsIn(checkpoint)) {
      if (head[0] > (heads.get(subject)?.[0] ?? 0)) heads.set(subject, head)
    }
    lines += 1
    last = hashLine(line)
  }
  return {
    lines,
    last,
    ...(broken ? { brokenLine: lines + 1 } : {}),
    heads,
    async *each() {
      let at = 0
      let hash = ''
      for await (const line of linesOf(file)) {
        if (at === lines) break
        const checkpoint = JSON.parse(line) as Checkpoint
        if (checkpoint.prev !== hash) break
        yield checkpoint
        hash = hashLine(line)
        at += 1
      }
      // Their signatures were checked: lines that hang together and end in the same hash are the same lines.
      if (hash !== last) throw new Error('the audit checkpoints were changed while they were read')
      return undefined
    },
  }
}

/** The newest checkpoint, whose signature alone is checked; undefined where there is none, or it is not ours. */
export function readLastCheckpoint(file: string, key: KeyObject): Checkpoint | undefined {
  if (!existsSync(file)) return undefined
  const fd = openSync(file, 'r')
  try {
    return parseCheckpoint(createPublicKey(key), findLastLine(fd).text)
  } finally {
    closeSync(fd)
  }
}

/** The finished lines: one that is being written, or was cut by a crash or a full disk, is not there yet. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const end = existsSync(file) ? endOfLines(file) : 0
  if (end === 0) return
  const input = createReadStream(file, { encoding: 'utf8', end: end - 1 })
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  } finally {
    input.destroy()
  }
}

function endOfLines(file: string): number {
  const fd = openSync(file, 'r')
  try {
    return findLastLine(fd).end
  } finally {
    closeSync(fd)
  }
}
