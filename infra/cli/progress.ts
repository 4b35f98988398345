/** Tells on standard error how far a long work has come, where that is a terminal. */
export interface Progress {
  readonly add: (count: number) => void
  /** Takes the line away. */
  readonly end: () => void
}

const width = 30

export function showProgress(what: string, total: number): Progress {
  const { stderr } = process
  let done = 0
  const draw = (): void => {
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const bar = '█'.repeat(Math.round(share * width)).padEnd(width, '░')
    stderr.write(`\r${bar} ${done} of ${total} ${what}`)
  }
  if (!stderr.isTTY) return { add: () => undefined, end: () => undefined }
  draw()
  return {
    add(count) {
      done += count
      draw()
    },
    end: () => void stderr.write('\r\u001b[K'),
  }
}
