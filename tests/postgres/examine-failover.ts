import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkpointFile, checkpointKey } from '../../core/audit/checkpoint.ts'
import { readCheckpoints } from '../../core/audit/read-checkpoints.ts'
import { type Verdict, verifyChains } from '../../core/audit/verify-chain.ts'
import { unlockKeyring } from '../../core/crypto/unlock-keyring.ts'
import { storedVersions } from '../../core/store/key-versions.ts'
import { openPostgres } from '../../core/store/postgres/open-postgres.ts'
import type { Done, Ledger } from './customer.ts'
import type { FailoverHouse } from './failover-house.ts'

export interface Examined {
  /** What is not as it was acknowledged, or was done twice, in words. */
  readonly found: readonly string[]
  /** Changes that were made and not acknowledged. */
  readonly doneUnsaid: number
}

const actions = { issue: 'api_key.issued', revoke: 'api_key.revoked', run: 'run.started' } as const

/** Compares what customers were told with what is there, by what they can see and by the audit log. */
export async function findDisagreements(house: FailoverHouse, ledger: Ledger): Promise<Examined> {
  const found: string[] = []
  const counted = await house.ask<{ action: string; target: string; times: number }>(
    'SELECT action, target_id AS target, count(*)::int AS times FROM audit_events GROUP BY action, target_id',
  )
  const times = new Map(counted.map((each) => [`${each.action} ${each.target}`, each.times]))
  const once = new Set<string>([...Object.values(actions), 'run.finished'])
  for (const each of counted) {
    if (once.has(each.action) && each.times !== 1) found.push(`${each.action} ${each.target}: ${each.times} times`)
  }
  for (const { kind, id } of ledger.done) {
    if (!times.has(`${actions[kind]} ${id}`)) found.push(`${kind} ${id} is not in the log`)
  }
  found.push(...(await rowsWithoutEntry(house)))
  found.push(...(await keysAmiss(house, ledger)))
  for (const each of ledger.done.filter(({ kind }) => kind === 'run')) {
    const answer = await each.by.get(`/api/runs/${each.id}`)
    const { state, output } = answer.status === 200 ? answer.json<{ state: string; output: string }>() : {}
    if (state === 'succeeded' && output?.includes(each.prompt ?? '')) continue
    found.push(`run ${each.id}: ${answer.status} ${state} ${output}`)
  }
  found.push(...askedTwice(house, ledger))
  const made = counted.filter(({ action }) => (Object.values(actions) as string[]).includes(action))
  return { found, doneUnsaid: made.length - ledger.done.length }
}

/** A change and its entry are one transaction: one without the other is half of it. */
async function rowsWithoutEntry(house: FailoverHouse): Promise<string[]> {
  const rows = await house.ask<{ id: string }>(
    `(SELECT id FROM api_keys EXCEPT (SELECT target_id FROM audit_events WHERE action = 'api_key.issued'
        EXCEPT SELECT target_id FROM audit_events WHERE action = 'api_key.revoked'))
     UNION (SELECT target_id FROM audit_events WHERE action = 'api_key.issued'
        EXCEPT SELECT target_id FROM audit_events WHERE action = 'api_key.revoked' EXCEPT SELECT id FROM api_keys)
     UNION (SELECT id FROM runs EXCEPT SELECT target_id FROM audit_events WHERE action = 'run.started')
     UNION (SELECT target_id FROM audit_events WHERE action = 'run.started' EXCEPT SELECT id FROM runs)
     UNION (SELECT id FROM runs WHERE state NOT IN ('queued', 'streaming')
        EXCEPT SELECT target_id FROM audit_events WHERE action = 'run.finished')`,
  )
  return rows.map(({ id }) => `${id}: its row and its entry do not agree`)
}

async function keysAmiss(house: FailoverHouse, ledger: Ledger): Promise<string[]> {
  const found: string[] = []
  const revoked = new Set(ledger.done.filter(({ kind }) => kind === 'revoke').map(({ id }) => id))
  const issued = ledger.done.filter(({ kind }) => kind === 'issue')
  for (const [by, mine] of Map.groupBy(issued, ({ by }) => by)) {
    const { apiKeys } = (await by.get('/api/api-keys')).json<{ apiKeys: { id: string }[] }>()
    const listed = new Set(apiKeys.map(({ id }) => id))
    for (const { id } of mine) {
      if (revoked.has(id) && listed.has(id)) found.push(`${id} is listed, and was revoked`)
      if (!revoked.has(id) && !listed.has(id) && !ledger.inDoubt.has(id)) found.push(`${id} is not listed`)
    }
  }
  const due = ({ id }: Done): number => (revoked.has(id) ? 401 : 200)
  for (const each of issued.filter(({ id }) => !ledger.inDoubt.has(id))) {
    const headers = { authorization: `Bearer ${each.token}` }
    const { status } = await fetch(`${house.instances[1]?.origin}/api/runs?limit=1`, { headers })
    if (status !== due(each)) found.push(`${each.id} is answered ${status}, not ${due(each)}`)
  }
  return found
}

/** Each prompt is somebody's money: the provider was asked once, and never for what does not stand in the database. */
function askedTwice({ emulator }: FailoverHouse, ledger: Ledger): string[] {
  const asked = Map.groupBy(
    emulator.requests.map(({ body }) => /customer-\d+-\d+\./.exec(body.toString())?.[0]),
    (prompt) => prompt,
  )
  const found = [...asked]
    .filter(([prompt, times]) => prompt !== undefined && times.length > (ledger.cutShort.has(prompt) ? 2 : 1))
    .map(([prompt, times]) => `${prompt} was sent to the provider ${times.length} times`)
  const runs = ledger.done.filter(({ kind, prompt }) => kind === 'run' && !asked.has(prompt))
  return [...found, ...runs.map(({ prompt }) => `${prompt} was never sent`)]
}

/** Verifies every chain, at whichever server is the primary, against the checkpoints of each instance. */
export async function verifyAudit({ env, instances }: FailoverHouse): Promise<readonly Verdict[]> {
  const folder = await mkdtemp(join(tmpdir(), 'oort-examined-'))
  const store = await openPostgres(env.DATABASE_URL, folder)
  try {
    const versions = await storedVersions(store.read)
    const { keyring } = unlockKeyring({ current: env.BYOK_MASTER_KEY, previous: undefined }, versions)
    const verdicts: Verdict[] = []
    for (const { dataDir } of instances) {
      const checkpoints = await readCheckpoints(join(dataDir, checkpointFile), checkpointKey(keyring))
      if (checkpoints.heads.size === 0) throw new Error('an instance has witnessed nothing')
      verdicts.push(await verifyChains(store.read, keyring, checkpoints))
    }
    return verdicts
  } finally {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}
