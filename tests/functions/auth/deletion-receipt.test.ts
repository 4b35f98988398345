import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DeletionReceipt } from '../../../core/receipts/deletion-receipt.ts'
import { bytesIn, createByteSearch } from '../../support/byte-search.ts'
import { password, startOort, type TestOort } from '../../support/oort.ts'
import { root } from '../../support/source-graph.ts'
import { type AuthLab, accountOf, openLab } from './lab.ts'

let lab: AuthLab
let folder: string
beforeAll(async () => {
  lab = await openLab()
  folder = await mkdtemp(join(tmpdir(), 'oort-receipt-'))
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

interface Deletion {
  readonly rowsDeleted: Readonly<Record<string, number>>
  readonly receipt: DeletionReceipt
}

/** Deletes the account of a new user. */
async function leave() {
  const owner = await lab.oort.signedIn()
  const { scope } = await accountOf(lab, owner.email)
  const answer = await owner.send('DELETE', '/api/auth/account', { body: { password } })
  expect(answer.status).toBe(200)
  return { answer, scope, email: owner.email, ...answer.json<Deletion>() }
}

const keyOf = async (oort: TestOort) =>
  (await oort.browser().get('/api/auth/receipt-key')).json<{ fingerprint: string; publicKey: string }>()

/** Runs the command on a file that holds this text. */
async function verifyReceipt(text: string, ...args: string[]) {
  const file = join(folder, 'receipt.json')
  await writeFile(file, text)
  const command = ['infra/cli/oort.ts', 'verify-receipt', file, ...args]
  return promisify(execFile)(process.execPath, command, { cwd: root }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  )
}

test('D1 a deletion is answered with a receipt that says what the deletion said, and ends the audit chain', async () => {
  const { answer, rowsDeleted, receipt, scope } = await leave()
  const { statement } = receipt
  expect(statement.rowsDeleted).toEqual(rowsDeleted)
  expect(statement.total).toBe(Object.values(rowsDeleted).reduce((sum, count) => sum + count, 0))
  expect(statement).toMatchObject({ userId: scope.userId, requestId: answer.headers.get('x-request-id') })
  const [last] = await scope.chain({ after: statement.auditHead.seq - 1, limit: 2 })
  const { auditHead, deletedAt: ts, requestId } = statement
  expect(last).toMatchObject({ action: 'user.deleted', ...auditHead, ts, requestId })
})

test('the command takes the answer as it came, by the key that the server tells, and no other text', async () => {
  const { answer, receipt } = await leave()
  const { fingerprint, publicKey } = await keyOf(lab.oort)
  expect(receipt).toMatchObject({ fingerprint, publicKey })
  const { code, stdout } = await verifyReceipt(answer.text, '--key', fingerprint)
  expect([code, stdout]).toEqual([0, expect.stringContaining(`Account ${receipt.statement.userId}, deleted 2`)])
  const longer = answer.text.replace(/"total":(\d+)/, '"total":9$1')
  expect(await verifyReceipt(longer)).toEqual({ code: 1, stdout: expect.stringContaining('signature_wrong') })
}, 60_000)

test('the key stays over a new master key, and is another one than that of exports and of another instance', async () => {
  const { fingerprint } = await keyOf(lab.oort)
  const exportKey = (await lab.oort.browser().get('/api/export/signing-key')).json<{ fingerprint: string }>()
  expect(exportKey.fingerprint).not.toBe(fingerprint)
  const other = await startOort()
  const before = await keyOf(other)
  expect(before.fingerprint).not.toBe(fingerprint)
  await other.app.close()
  const { BYOK_MASTER_KEY: old = '', SESSION_SECRET: next = '' } = other.env
  const env = { ...other.env, BYOK_MASTER_KEY: next, BYOK_MASTER_KEY_PREVIOUS: old }
  const again = await startOort({ dataDir: other.dataDir, env })
  expect(await keyOf(again)).toEqual(before)
  await again.app.close()
  await rm(other.dataDir, { recursive: true })
})

test('a receipt holds nothing of the person, and is kept nowhere', async () => {
  const { receipt, email } = await leave()
  expect(JSON.stringify(receipt)).not.toContain(email.split('@')[0])
  const kept = Buffer.concat([await bytesIn(lab.oort.dataDir), Buffer.from(lab.oort.log())])
  expect(createByteSearch([receipt.signature, Buffer.from(receipt.signature, 'hex')])(kept)).toEqual(new Set())
})
