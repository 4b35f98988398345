import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointFile, checkpointKey } from '../../core/audit/checkpoint.ts'
import { readCheckpoints } from '../../core/audit/read-checkpoints.ts'
import { type Verdict, verifyChains } from '../../core/audit/verify-chain.ts'
import { parseConfig } from '../../core/config.ts'
import { unlockKeyring } from '../../core/crypto/unlock-keyring.ts'
import { deletionActions, ledgerFile } from '../../core/deletions/deletion.ts'
import { inspectStore } from '../../core/store/inspect-store.ts'
import { storedVersions } from '../../core/store/key-versions.ts'
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
  const store = inspectStore(dataDir)
  if (store === undefined) throw new Error('there is no database')
  try {
    const { byokMasterKey: current, byokMasterKeyPrevious: previous } = secrets
    const { keyring } = unlockKeyring({ current, previous }, await storedVersions(store.read))
    const checkpoints = await readCheckpoints(join(dataDir, checkpointFile), checkpointKey(keyring))
    const broken = store.countBrokenReferences()
    return {
      damage: [...store.findDamage(), ...(broken === 0 ? [] : [`${broken} broken references`])],
      audit: await verifyChains(store.read, keyring, checkpoints),
      disagreements: disagreementsIn(store.read),
      lost: [...lostFrom(store.read, claims), ...untold(join(dataDir, ledgerFile), claims)],
      openRuns: count(store.read, "state IN ('queued', 'streaming')"),
      interruptedRuns: count(store.read, "state = 'interrupted'"),
    }
  } finally {
    store.close()
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
function disagreementsIn({ $client }: Db): string[] {
  const list = (sql: string) => $client.prepare<[], string>(sql).pluck().all()
  const rows = accounts.flatMap(([table, came, went]) => {
    const due = `SELECT target_id FROM audit_events WHERE action = '${came}'
      AND subject_id NOT IN (SELECT subject_id FROM audit_events WHERE action = 'user.deleted')
      EXCEPT SELECT target_id FROM audit_events WHERE action = '${went}'`
    const there = `SELECT id FROM ${table}`
    return [
      ...list(`${there} EXCEPT ${due}`).map((id) => `${id} without its entry`),
      ...list(`SELECT * FROM (${due}) EXCEPT ${there}`).map((id) => `${id} without its row`),
    ]
  })
  const states = list(`SELECT runs.id FROM runs LEFT JOIN audit_events AS last
    ON last.target_id = runs.id AND last.action = 'run.finished'
    WHERE runs.state <> coalesce(last.detail ->> 'state', runs.state)
    OR (last.seq IS NULL) <> (runs.state IN ('queued', 'streaming'))`)
  const epochs = list(`SELECT id FROM users WHERE epoch <> (SELECT count(*) FROM audit_events
    WHERE target_id = users.id AND action = 'user.signed_out_everywhere')`)
  return [...rows, ...states.map((id) => `${id} in another state`), ...epochs.map((id) => `${id} of another epoch`)]
}

function lostFrom({ $client }: Db, claims: readonly Claim[]): string[] {
  const found = $client
    .prepare<[string, string], number>('SELECT count(*) FROM audit_events WHERE target_id = ? AND action = ?')
    .pluck()
  const due = Map.groupBy(claims, ({ action, target }) => `${action} ${target}`)
  return [...due.values()].flatMap((same) => {
    const [{ action, target } = { action: '', target: '' }] = same
    return (found.get(target, action) ?? 0) < same.length ? [`${action} ${target}`] : []
  })
}

/** A deletion is acknowledged once the ledger beside the database has it as well. */
function untold(ledger: string, claims: readonly Claim[]): string[] {
  const text = existsSync(ledger) ? readFileSync(ledger, 'utf8') : ''
  return claims
    .filter(({ action }) => (deletionActions as readonly string[]).includes(action))
    .filter(({ action, target }) => !text.includes(`"action":"${action}","target":"${target}"}\n`))
    .map(({ action, target }) => `${action} ${target} in the ledger`)
}

function count({ $client }: Db, where: string): number {
  return $client.prepare<[], number>(`SELECT count(*) FROM runs WHERE ${where}`).pluck().get() ?? 0
}
