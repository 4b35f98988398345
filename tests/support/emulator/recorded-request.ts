import type { IncomingHttpHeaders } from 'node:http'
import type { Provider } from '../../../core/providers/provider.ts'

/** What reached the listener of one provider. */
export interface RecordedRequest {
  readonly provider: Provider
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Resolves when the exchange is over: whether the answer went out whole, or the client left before. */
  readonly ended: Promise<'answered' | 'abandoned'>
}
