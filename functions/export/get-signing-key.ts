import * as z from 'zod'
import type { ExportSigner } from '../../core/export/signer.ts'
import { type Operation, operation } from '../../core/http/operation.ts'

/** Anyone may ask, so that an archive can be checked by whoever was handed it. */
export function getSigningKey(signer: ExportSigner): Operation {
  return operation({
    method: 'GET',
    url: '/api/export/signing-key',
    access: 'public',
    summary: 'The public key that signs exports, and its fingerprint',
    schema: { response: { 200: z.object({ publicKey: z.string(), fingerprint: z.string() }) } },
    async handle(_call, reply) {
      const { publicKey, fingerprint } = signer
      return reply(200, { publicKey, fingerprint })
    },
  })
}
