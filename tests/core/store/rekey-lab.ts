import { randomBytes } from 'node:crypto'
import { contextOf, type SealedPlace } from '../../../core/crypto/context-of.ts'
import { finishAttempt, startAttempt } from '../../../core/http/idempotency-store.ts'
import { newId } from '../../../core/ids.ts'
import { receivePaymentEvent } from '../../../core/plans/receive-payment-event.ts'
import { insideOf, type Platform } from '../../../core/platform.ts'
import type { UserScope } from '../../../core/scope/user-scope.ts'
import { paymentEvents, providerKeys, runs, secondFactors, sessions } from '../../../core/store/schema.ts'
import { unpackOptionalSealed } from '../../../core/store/sealed-row.ts'
import { sealedTables } from '../../../core/store/sealed-tables.ts'
import type { SmallHouse } from '../../support/small-house.ts'

/** Users with a value of every kind that is sealed, each written by the code that writes it in earnest. */
export async function fill(house: SmallHouse, users: number, runsEach: number): Promise<void> {
  for (let at = 0; at < users; at += 1) {
    const scope = await house.user()
    await fillAccount(scope, runsEach)
    await fillHouse(house.platform, scope)
  }
}

async function fillAccount(scope: UserScope, runsEach: number): Promise<void> {
  const text = () => randomBytes(30).toString('base64')
  const providerKeyId = newId('providerKey')
  const instanceId = newId('instance')
  await scope.write(async (tx) => {
    await tx.insert(
      sessions,
      { device: text(), authenticatedAt: 1, lastSeenAt: 1 },
      { type: 'session.started', method: 'password' },
    )
    await tx.insert(secondFactors, { secret: text() }, { type: 'second_factor.added', kind: 'totp' })
    for (const provider of ['openai', 'anthropic'] as const) {
      const facts = { provider, label: 'label', lastFour: '1234', fingerprint: text(), updatedAt: 1 }
      await tx.insert(providerKeys, { ...facts, secret: text() }, { type: 'key.added', provider })
    }
    const occurred = { stripeId: text(), type: 'invoice.paid', outcome: 'applied', occurredAt: 1 } as const
    await tx.insert(paymentEvents, { ...occurred, payload: text() }, { type: 'payment.received', outcome: 'applied' })
    for (let at = 0; at < runsEach; at += 1) {
      const facts = { providerKeyId, endpoint: 'runs', provider: 'openai', model: 'm', instanceId } as const
      // Every third has no output, as a run that failed.
      const output = at % 3 === 0 ? null : text()
      await tx.insert(
        runs,
        { ...facts, state: 'succeeded', prompt: text(), excerpt: text(), output },
        { type: 'run.started', providerKeyId },
      )
    }
  })
}

/** What is sealed outside scopes: answers to repeated requests, and events of customers that nobody is. */
async function fillHouse(platform: Platform, { userId }: UserScope): Promise<void> {
  const [keyHash, fingerprint] = [randomBytes(32), randomBytes(32)]
  const attempt = { id: newId('idempotency'), userId }
  const replay = await startAttempt(platform, { attempt, keyHash, fingerprint })
  if (replay !== undefined) throw new Error('the key was used before')
  const answer = { status: 200, headers: { 'content-type': 'application/json' } } as const
  await finishAttempt(platform, attempt, answer, randomBytes(64))
  // Not a subscription that can be read: such an event waits for an administrator.
  const id = `evt_${randomBytes(8).toString('hex')}`
  const event = { id, object: 'event', type: 'customer.subscription.updated', created: 1 }
  const receipt = await receivePaymentEvent(platform, JSON.stringify({ ...event, data: { object: {} } }), 'req_test')
  if (receipt !== 'parked') throw new Error(`the event was ${receipt}`)
}

/** Every sealed value in hexadecimal, by its place. Throws DECRYPTION_FAILED for one that does not open. */
export async function openEverything({ platform }: { readonly platform: Platform }) {
  const { store, keyring } = insideOf(platform)
  const opened = new Map<string, string>()
  const versions = new Set<number>()
  for (const { table, name, values } of sealedTables()) {
    for (const row of (await store.read.select().from(table)) as (SealedPlace & object)[]) {
      for (const value of values) {
        const sealed = unpackOptionalSealed(row as never, value.name)
        if (sealed === null) continue
        versions.add(sealed.keyVersion)
        opened.set(
          `${name}.${value.name} ${row.id}`,
          keyring.open(sealed, contextOf(name, value.name, row)).toString('hex'),
        )
      }
    }
  }
  return { opened, versions: [...versions].sort() }
}
