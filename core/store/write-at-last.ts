import { setTimeout as sleep } from 'node:timers/promises'
import { minute, second } from '../clock.ts'
import { OortError } from '../errors.ts'

const firstPause = second / 4
const longestPause = 2 * second
/** Longer than a replica takes to become the primary where nobody has to be woken for it. */
const patience = 2 * minute

export interface Written {
  readonly ended: Promise<void>
}

/**
 * Writes down what has happened already, and cannot be refused any more. Resolves after the first try, whatever came of
 * it. Where that met STORE_UNAVAILABLE, it goes on in the background for two minutes, and keeps no process alive for it;
 * `ended` resolves when nothing is tried any more.
 * `complain` is told why the first try failed. `write` must come to the same when it is done twice: it may have been done
 * although the answer was lost. Never throws.
 */
export async function writeAtLast(write: () => Promise<void>, complain: (error: unknown) => void): Promise<Written> {
  try {
    await write()
    return { ended: Promise.resolve() }
  } catch (error) {
    complain(error)
    return { ended: goOn(write, error) }
  }
}

async function goOn(write: () => Promise<void>, failure: unknown): Promise<void> {
  const deadline = performance.now() + patience
  let pause = firstPause
  for (let error = failure; isUnavailable(error) && performance.now() < deadline; pause *= 2) {
    await sleep(Math.min(pause, longestPause), undefined, { ref: false })
    try {
      return await write()
    } catch (again) {
      error = again
    }
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof OortError && error.code === 'STORE_UNAVAILABLE'
}
