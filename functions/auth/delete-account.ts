import * as z from 'zod'
import { OortError } from '../../core/errors.ts'
import { type Operation, operation } from '../../core/http/operation.ts'
import type { Mailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { deletionReceipt } from '../../core/receipts/deletion-receipt.ts'
import type { DeletionSigner } from '../../core/receipts/sign-deletion.ts'
import { liveRunsOf } from '../../core/runs/live-runs.ts'
import { codeField, passwordField } from './fields.ts'
import type { Later } from './later.ts'
import { proveOwner } from './prove-owner.ts'

const deletion = z.object({
  rowsDeleted: z.record(z.string(), z.int()),
  bytesErased: z.boolean(),
  receipt: deletionReceipt,
})

/**
 * Removes the account and every row that it owns at once; nothing is kept for later. The answer counts the rows of each
 * table, says whether their bytes are out of the database's files already, and has a signed receipt, which is the only
 * one. What stays is the audit chain, which holds ids and no person.
 */
export function deleteAccount(platform: Platform, mailer: Mailer, later: Later, signer: DeletionSigner): Operation {
  return operation({
    method: 'DELETE',
    url: '/api/auth/account',
    access: 'session',
    summary: 'Delete the account and all that belongs to it',
    schema: {
      body: z.strictObject({ password: passwordField, code: codeField.optional() }),
      response: { 200: deletion },
    },
    async handle({ id, body, scope, cookie }, reply) {
      const proof = await proveOwner({ platform, mailer, later }, scope, body)
      const erased = await scope.write(async (tx) => {
        if ((await tx.passwordHash()) !== proof.passwordHash) throw new OortError('CREDENTIALS_REFUSED')
        return tx.eraseAccount()
      }, 'long')
      // Their keys are gone from the database, and shall not go on paying.
      await liveRunsOf(platform).abortAllOf(scope.userId)
      await cookie.clear()
      const { rowsDeleted } = erased
      const receipt = signer.sign(scope.userId, id, erased)
      return reply(200, { rowsDeleted, bytesErased: await platform.eraseTraces(), receipt })
    },
  })
}
