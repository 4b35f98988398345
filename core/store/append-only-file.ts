import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeFileSync } from 'node:fs'

const chunkBytes = 65_536
const lineFeed = 0x0a

/** The last line, or an empty text. Cuts off what a crash left of a line that was never finished. */
export function readLastLine(fd: number): string {
  const { text, end } = findLastLine(fd)
  if (end !== fstatSync(fd).size) ftruncateSync(fd, end)
  return text
}

/** The last line that was finished, without its line feed, and the offset at which it ends with it. */
export function findLastLine(fd: number): { readonly text: string; readonly end: number } {
  let tail = Buffer.alloc(0)
  for (let at = fstatSync(fd).size; at > 0; ) {
    const chunk = Buffer.alloc(Math.min(chunkBytes, at))
    at -= chunk.length
    readSync(fd, chunk, 0, chunk.length, at)
    tail = Buffer.concat([chunk, tail])
    const end = tail.lastIndexOf(lineFeed)
    if (end === -1) continue
    const start = end === 0 ? -1 : tail.lastIndexOf(lineFeed, end - 1)
    if (start === -1 && at > 0) continue
    return { text: tail.toString('utf8', start + 1, end), end: at + end + 1 }
  }
  return { text: '', end: 0 }
}

/**
 * Appends all of `text`, or throws what the file system throws: a disk that fills up takes a part of a write and calls
 * that a success, and only the next one fails. Source: write(2). What was taken, `readLastLine` cuts off again.
 */
export function appendWhole(fd: number, text: string): void {
  writeFileSync(fd, text)
}

/** A new file is on disk only when its folder's entry is. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
