import type { Log } from '../../core/log.ts'

/** Work whose time must not show in the time of an answer: mail, and what is noted of strangers. */
export interface Later {
  /** Starts the task once the answer is on its way. A task that fails is logged by its name. */
  (name: string, task: () => Promise<void>): void
  /** Answers when all that was asked for is done. */
  settled(): Promise<void>
}

const atOnce = 4
const mostWaiting = 1_000

/**
 * A queue in memory. It is emptied before the process stops in good order; a crash loses what waits, which is why
 * nothing belongs here that an answer has promised. Beyond a thousand waiting tasks further ones are dropped, so that
 * a slow mail server costs mail and not memory.
 */
export function createLater(log: Log): Later {
  const waiting: { readonly name: string; readonly task: () => Promise<void> }[] = []
  const running = new Set<Promise<void>>()

  function start(): void {
    while (running.size < atOnce) {
      const next = waiting.shift()
      if (next === undefined) return
      const work = next
        .task()
        .catch((error: unknown) => log.error({ err: error, task: next.name }, 'a task after an answer failed'))
        .then(() => {
          running.delete(work)
          start()
        })
      running.add(work)
    }
  }

  const later = (name: string, task: () => Promise<void>): void => {
    if (waiting.length >= mostWaiting) {
      log.error({ task: name }, 'too many tasks wait: one was dropped')
      return
    }
    waiting.push({ name, task })
    setImmediate(start)
  }

  return Object.assign(later, {
    async settled() {
      while (waiting.length > 0 || running.size > 0) {
        start()
        await Promise.all(running)
      }
    },
  })
}
