import type { FastifyInstance } from 'fastify'
import { OortError } from '../errors.ts'
import { methodsOf, type Operation } from './operation.ts'

/**
 * Answers METHOD_NOT_ALLOWED, with Allow, where an address has operations but none of the request's method. Told
 * before authentication: which addresses exist is public. Source: RFC 9110, section 15.5.6.
 */
export function refuseOtherMethods(app: FastifyInstance, operations: readonly Operation[]): void {
  const allowed = new Map<string, { readonly url: string; readonly methods: Set<string> }>()
  for (const operation of operations) {
    const { url } = operation
    // Parameters match whatever they are called.
    const shape = url.replaceAll(/:[^/]+/g, ':')
    const entry = allowed.get(shape) ?? { url, methods: new Set() }
    allowed.set(shape, entry)
    for (const each of methodsOf(operation)) entry.methods.add(each)
  }
  for (const { url, methods } of allowed.values()) {
    app.route({
      method: app.supportedMethods.filter((method) => !methods.has(method)),
      url,
      onRequest: async () => {
        throw new OortError('METHOD_NOT_ALLOWED', { headers: { allow: [...methods].join(', ') } })
      },
      handler: async () => {
        throw new OortError('INTERNAL')
      },
    })
  }
}
