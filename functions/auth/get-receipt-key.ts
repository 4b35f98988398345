import * as z from 'zod'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { DeletionSigner } from '../../core/receipts/sign-deletion.ts'

/** Anyone may ask: who holds a receipt has no account any more. */
export function getReceiptKey({ publicKey, fingerprint }: DeletionSigner): Operation {
  return operation({
    method: 'GET',
    url: '/api/auth/receipt-key',
    access: 'public',
    summary: 'The public key that signs deletion receipts, and its fingerprint',
    schema: { response: { 200: z.object({ publicKey: z.string(), fingerprint: z.string() }) } },
    async handle(_call, reply) {
      return reply(200, { publicKey, fingerprint })
    },
  })
}
