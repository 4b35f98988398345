import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { readBackupHealth } from '../../core/backup/backup-health.ts'
import type { Platform } from '../../core/platform.ts'
import { channels } from '../../core/telemetry/channels.ts'

/** Seconds. From what the database takes to what a person waits for a long answer. */
const forAnswers = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
/** Seconds. Of ours alone: milliseconds, or something is wrong. */
const forOwn = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 1]

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export interface Meters {
  /** The figures in Prometheus' text format. */
  read(): Promise<{ readonly contentType: string; readonly text: string }>
  /** Stops to listen. */
  stop(): void
}

/**
 * Counts what core tells of its work (core/telemetry). Every label is of a bounded set: patterns of routes, methods,
 * classes of status, providers, states, names of limits. None is an id, a model's name or anything that was sent.
 */
export function createMeters(platform: Pick<Platform, 'config'>): Meters {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Counter({
    name: 'oort_requests_total',
    help: 'Requests that were answered.',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'oort_request_duration_seconds',
    help: 'From a request to the end of its answer, providers included.',
    labelNames: ['route'],
    buckets: forAnswers,
    registers,
  })
  const own = new Histogram({
    name: 'oort_own_duration_seconds',
    help: 'The same without the time in which a provider was asked: what Oort itself takes.',
    labelNames: ['forwarded'],
    buckets: forOwn,
    registers,
  })
  const ownToFirstByte = new Histogram({
    name: 'oort_own_first_byte_seconds',
    help: 'What Oort itself adds to the time to the first byte.',
    labelNames: ['forwarded'],
    buckets: forOwn,
    registers,
  })
  const streams = new Gauge({ name: 'oort_streams_open', help: 'Answers under way that are streams.', registers })
  const runs = new Counter({
    name: 'oort_runs_total',
    help: 'Runs that ended.',
    labelNames: ['provider', 'state'],
    registers,
  })
  const groups = new Counter({
    name: 'oort_writer_groups_total',
    help: 'Transactions, by how they ended.',
    labelNames: ['outcome'],
    registers,
  })
  const groupSize = new Histogram({
    name: 'oort_writer_group_units',
    help: 'Units of work that shared a transaction.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers,
  })
  const commits = new Histogram({
    name: 'oort_writer_commit_seconds',
    help: 'From the wait for the lock to the disk.',
    buckets: forOwn,
    registers,
  })
  const queue = new Gauge({
    name: 'oort_writer_queue_units',
    help: 'Units of work that waited when the last transaction ended.',
    registers,
  })
  const entries = new Counter({
    name: 'oort_audit_entries_total',
    help: 'Entries of the audit log, those of transactions that failed included.',
    registers,
  })
  const refusals = new Counter({
    name: 'oort_rate_limited_total',
    help: 'Calls beyond a limit, by its name.',
    labelNames: ['limit'],
    registers,
  })
  const backup = new Gauge({
    name: 'oort_backup_last_try_timestamp_seconds',
    help: 'When a backup beside this Oort was last tried, and whether it came about. Absent where none is made.',
    labelNames: ['outcome'],
    registers,
  })
  const readBackup = async (): Promise<void> => {
    const health = await readBackupHealth(platform)
    backup.reset()
    if (health !== undefined) backup.set({ outcome: health.ok ? 'made' : 'failed' }, health.at / 1_000)
  }

  const listening = [
    channels.answered.listen((answered) => {
      const route = answered.route ?? 'none'
      const forwarded = String(answered.forwarded)
      const method = methods.has(answered.method) ? answered.method : 'other'
      requests.inc({ method, route, status: `${Math.trunc(answered.status / 100)}xx` })
      durations.observe({ route }, answered.total)
      own.observe({ forwarded }, answered.own)
      if (answered.ownToFirstByte !== undefined) ownToFirstByte.observe({ forwarded }, answered.ownToFirstByte)
    }),
    channels.streams.listen((step) => streams.inc(step)),
    channels.runEnded.listen(({ provider, state }) => runs.inc({ provider, state })),
    channels.groupEnded.listen(({ committed, units, waiting, seconds }) => {
      groups.inc({ outcome: committed ? 'committed' : 'failed' })
      groupSize.observe(units)
      commits.observe(seconds)
      queue.set(waiting)
    }),
    channels.auditAppended.listen(() => entries.inc()),
    channels.callRefused.listen((limit) => refusals.inc({ limit })),
  ]
  return {
    async read() {
      await readBackup()
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
    stop() {
      for (const stop of listening) stop()
      registry.clear()
    },
  }
}
