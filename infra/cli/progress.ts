import { describeDuration } from './duration.ts'

/** Tells on standard error how far a long work has come, where that is a terminal. */
export interface Progress {
  readonly add: (count: number) => void
  /** Takes the line away. */
  readonly end: () => void
}

const width = 30
/** What is left is not guessed from less than this. */
const enoughMs = 1_000

export function showProgress(what: string, total: number): Progress {
  const { stderr } = process
  const began = performance.now()
  let done = 0
  const draw = (): void => {
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const bar = '█'.repeat(Math.round(share * width)).padEnd(width, '░')
    const percent = `${Math.floor(share * 100)} %`
    stderr.write(`\r${bar} ${percent}, ${done} of ${total} ${what}${left(share, performance.now() - began)}\u001b[K`)
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

function left(share: number, passedMs: number): string {
  if (share === 0 || share === 1 || passedMs < enoughMs) return ''
  const seconds = Math.ceil((passedMs * (1 - share)) / share / 1_000)
  return `, about ${describeDuration(seconds * 1_000)} left`
}
