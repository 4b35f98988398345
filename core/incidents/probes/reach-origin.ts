import { Pool } from 'undici'
import { second } from '../../clock.ts'
import type { ComponentState } from '../terms.ts'
import { patience, type Stopwatch } from './probe.ts'

const slow = 3 * second

/**
 * Whether a server answers: connects anew, over TLS where the origin says so, and asks for the headers of one path. No
 * key goes along and no redirect is followed. Any answer below 500 says that it is there: without a key we are owed no
 * better one. Slower than 3 seconds is `degraded`. Rejects with undici's error when there is no answer.
 */
export async function reachOrigin(
  origin: string,
  {
    path = '/',
    signal,
    stopwatch,
  }: { readonly path?: string; readonly signal: AbortSignal; readonly stopwatch: Stopwatch },
): Promise<ComponentState> {
  const pool = new Pool(origin, { connections: 1, connect: { timeout: patience }, headersTimeout: patience })
  try {
    const began = stopwatch()
    const { statusCode, body } = await pool.request({ method: 'HEAD', path, headers: { 'user-agent': 'oort' }, signal })
    await body.dump()
    if (statusCode >= 500) return 'failed'
    return stopwatch() - began > slow ? 'degraded' : 'operational'
  } finally {
    await pool.destroy()
  }
}
