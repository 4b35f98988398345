import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appendEvent } from '../../core/audit/append-event.ts'
import { checkpointFile, checkpointKey } from '../../core/audit/checkpoint.ts'
import { keepCheckpoints } from '../../core/audit/keep-checkpoints.ts'
import { readCheckpoints } from '../../core/audit/read-checkpoints.ts'
import { verifyChains } from '../../core/audit/verify-chain.ts'
import { systemClock } from '../../core/clock.ts'
import { newId } from '../../core/ids.ts'
import { createLog } from '../../core/log.ts'
import { openSqlite } from '../../core/store/sqlite/open-sqlite.ts'
import { unlockStore } from '../../core/store/unlock.ts'
import { keepFigure } from '../bars/figures.ts'

/**
 * A3: how long it takes to verify an audit log of 10^6 rows in 1,000 chains, interleaved as they grow in life, against
 * a checkpoint for each 200 rows. Bar: under 10 seconds. `node tests/bench/verify-audit.ts [rows]`
 */
const rows = Number(process.argv[2] ?? 1_000_000)
const bar = 10_000
const dataDir = await mkdtemp(join(tmpdir(), 'oort-bench-'))
const store = openSqlite(dataDir)
try {
  const { keyring } = await unlockStore(store, { current: randomBytes(32).toString('base64') }, Date.now())
  const log = createLog({ logLevel: 'silent' })
  const keeper = keepCheckpoints({ store, keyring, clock: systemClock, log })
  const users = Array.from({ length: 1_000 }, () => newId('user'))
  const keyId = newId('providerKey')
  const append = (at: number) => {
    const subjectId = users[(at * 7919) % users.length] ?? newId('user')
    const actor = { kind: 'user', id: subjectId, requestId: newId('request') } as const
    const event = { type: 'key.used', purpose: 'run', runId: newId('run') } as const
    const target = { kind: 'provider_keys', id: keyId }
    return store.write((db) => appendEvent(db, keyring, { subjectId, actor, event, target, ts: Date.now() }))
  }
  for (let done = 0; done < rows; done += 200) {
    const group = Array.from({ length: Math.min(200, rows - done) }, (_, at) => append(done + at))
    await Promise.all(group)
    await keeper.write()
  }
  await keeper.finish()

  const started = performance.now()
  const checkpoints = await readCheckpoints(join(dataDir, checkpointFile), checkpointKey(keyring))
  const read = performance.now()
  const verdict = await verifyChains(store.read, keyring, checkpoints)
  const ms = Math.round(performance.now() - started)
  const figures = { bar: 'A3', rows, checkpoints: checkpoints.lines, checkpointsMs: Math.round(read - started), ms }
  process.stdout.write(`${JSON.stringify({ ...figures, verdict })}\n`)
  if (verdict.intact) await keepFigure('A3', `${rows.toLocaleString('en')} rows in ${(ms / 1_000).toFixed(1)} s`)
  if (!verdict.intact || (rows === 1_000_000 && ms >= bar)) process.exitCode = 1
} finally {
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
}
