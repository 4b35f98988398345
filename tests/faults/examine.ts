import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { checkpointFile, checkpointKey } from '../../core/audit/checkpoint.ts'
import { readCheckpoints } from '../../core/audit/read-checkpoints.ts'
import { type Verdict, verifyChains } from '../../core/audit/verify-chain.ts'
import { parseConfig } from '../../core/config.ts'
import { unlockKeyring } from '../../core/crypto/unlock-keyring.ts'
import { deletionActions, ledgerFile } from '../../core/deletions/deletion.ts'
import { storedVersions } from '../../core/store/key-versions.ts'
import { auditEvents, runs } from '../../core/store/schema.ts'
import { inspectSqlite } from '../../core/store/sqlite/inspect-sqlite.ts'
import type { Db } from '../../core/store/store.ts'
import type { Environment } from '../support/process.ts'

/** That a change was acknowledged: its entry must stand in the audit log. */
export interface Claim {
  readonly action: string
  readonly target: string
}

/** What is found in a database, whether a process works on it or none. */
export interface Findings {
  /** What SQLite finds wrong, and references to rows that do not exist. */
  readonly damage: readonly string[]
  readonly audit: Verdict
  /** Rows that the audit log does not account for, and entries whose change is not there. */
  readonly disagreements: readonly string[]
  /** Acknowledged changes that are not in the audit log, or deletions that are not in their ledger. */
  readonly lost: readonly string[]
  /** Runs that have not come to an end. */
  readonly openRuns: number
  readonly interruptedRuns: number
}

/** What a house is like in which everything holds. */
export const sound = { damage: [], audit: { intact: true }, disagreements: [], lost: [] }

/** Looks a database over and changes nothing. The log is verified against the checkpoints beside it. */
export async function examine(env: Environment, claims: readonly Claim[]): Promise<Findings> {
  const { dataDir, secrets } = parseConfig(env)
  const store = inspectSqlite(dataDir)
  if (store === undefined) throw new Error('there is no database')
  try {
    const { byokMasterKey: current, byokMasterKeyPrevious: previous } = secrets
    const { keyring } = unlockKeyring({ current, previous }, await storedVersions(store.read))
    const checkpoints = await readCheckpoints(join(dataDir, checkpointFile), checkpointKey(keyring))
    const broken = await store.countBrokenReferences()
    return {
      damage: [...(await store.findDamage()), ...(broken === 0 ? [] : [`${broken} broken references`])],
      audit: await verifyChains(store.read, keyring, checkpoints),
      disagreements: await disagreementsIn(store.read),
      lost: [...(await lostFrom(store.read, claims)), ...untold(join(dataDir, ledgerFile), claims)],
      openRuns: await store.read.$count(runs, inArray(runs.state, ['queued', 'streaming'])),
      interruptedRuns: await store.read.$count(runs, eq(runs.state, 'interrupted')),
    }
  } finally {
    await store.close()
  }
}

/** The tables of which the log tells when each row came and went. */
const accounts = [
  ['users', 'user.signed_up', 'user.deleted'],
  ['sessions', 'session.started', 'session.ended'],
  ['provider_keys', 'key.added', 'key.deleted'],
  ['api_keys', 'api_key.issued', 'api_key.revoked'],
  ['runs', 'run.started', 'run.deleted'],
] as const

/** A change and its entry are one transaction: wherever one is without the other, half of a transaction was kept. */
async function disagreementsIn(db: Db): Promise<string[]> {
  const list = async (query: SQL, fault: string) =>
    (await db.all<{ id: string }>(query)).map(({ id }) => `${id} ${fault}`)
  const found: string[] = []
  for (const [table, came, went] of accounts) {
    const due = sql`SELECT target_id AS id FROM audit_events WHERE action = ${came}
      AND subject_id NOT IN (SELECT subject_id FROM audit_events WHERE action = 'user.deleted')
      EXCEPT SELECT target_id AS id FROM audit_events WHERE action = ${went}`
    const there = sql`SELECT id FROM ${sql.identifier(table)}`
    found.push(...(await list(sql`${there} EXCEPT SELECT id FROM (${due}) AS due`, 'without its entry')))
    found.push(...(await list(sql`SELECT id FROM (${due}) AS due EXCEPT ${there}`, 'without its row')))
  }
  const states = sql`SELECT runs.id FROM runs LEFT JOIN audit_events AS last
    ON last.target_id = runs.id AND last.action = 'run.finished'
    WHERE runs.state <> coalesce(last.detail ->> 'state', runs.state)
    OR (last.seq IS NULL) <> (runs.state IN ('queued', 'streaming'))`
  const epochs = sql`SELECT id FROM users WHERE epoch <> (SELECT count(*) FROM audit_events
    WHERE target_id = users.id AND action = 'user.signed_out_everywhere')`
  return [...found, ...(await list(states, 'in another state')), ...(await list(epochs, 'of another epoch'))]
}

async function lostFrom(db: Db, claims: readonly Claim[]): Promise<string[]> {
  const { action, targetId } = auditEvents
  const lost: string[] = []
  for (const [name, [claim, ...again]] of Map.groupBy(claims, ({ action, target }) => `${action} ${target}`)) {
    if (claim === undefined) continue
    const found = await db.$count(auditEvents, and(eq(targetId, claim.target), eq(action, claim.action)))
    if (found < 1 + again.length) lost.push(name)
  }
  return lost
}

/** A deletion is acknowledged once the ledger beside the database has it as well. */
function untold(ledger: string, claims: readonly Claim[]): string[] {
  const text = existsSync(ledger) ? readFileSync(ledger, 'utf8') : ''
  return claims
    .filter(({ action }) => (deletionActions as readonly string[]).includes(action))
    .filter(({ action, target }) => !text.includes(`"action":"${action}","target":"${target}"}\n`))
    .map(({ action, target }) => `${action} ${target} in the ledger`)
}
