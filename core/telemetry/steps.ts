import type { Provider } from '../providers/provider.ts'
import { channels } from './channels.ts'
import { type Asking, currentRequest, type RequestTime } from './request-time.ts'

const unmeasured: Asking = { answered: () => undefined, ended: () => undefined }

/** Does `work`, and tells of it as a step of the request that it is part of. Where nobody listens it adds nothing. */
export function asStep<T>(step: 'authentication' | 'commit', work: () => Promise<T>): Promise<T> {
  if (!channels.stepEnded.heard) return work()
  const request = currentRequest()
  return request === undefined ? work() : timed(request, step, work)
}

async function timed<T>(request: RequestTime, step: 'authentication' | 'commit', work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  try {
    return await work()
  } finally {
    channels.stepEnded.tell({ request, step, began, ended: performance.now() })
  }
}

/** Counts what follows as a provider's time, where a request is measured, and tells of it as a step. */
export function askUpstream(provider: Provider): Asking {
  const request = currentRequest()
  if (request === undefined) return unmeasured
  const asking = request.ask()
  return channels.stepEnded.heard ? telling(request, provider, asking) : asking
}

function telling(request: RequestTime, provider: Provider, asking: Asking): Asking {
  const began = performance.now()
  let answered: number | undefined
  let over = false
  return {
    answered() {
      answered ??= performance.now()
      asking.answered()
    },
    ended() {
      if (over) return
      over = true
      asking.ended()
      channels.stepEnded.tell({ request, step: 'upstream', provider, began, answered, ended: performance.now() })
    },
  }
}
