import { eq } from 'drizzle-orm'
import { second } from '../../clock.ts'
import { ownInstanceOf } from '../../own-instance.ts'
import { insideOf, type Platform } from '../../platform.ts'
import { beat } from '../../store/instances.ts'
import { instances } from '../../store/schema.ts'
import type { Probe, Stopwatch } from './probe.ts'

const slow = 1 * second

/**
 * Whether the database takes a write and shows it: this process's own heartbeat, which is read back through the other
 * connection. Slower than a second, both together, is `degraded`.
 */
export function probeDatabase(platform: Platform, stopwatch: Stopwatch): Probe {
  const { store, clock } = insideOf(platform)
  const self = ownInstanceOf(platform)
  return {
    component: 'database',
    async look() {
      const began = stopwatch()
      const now = clock()
      await beat(store, self, now)
      const [row] = await store.read.select().from(instances).where(eq(instances.id, self.id))
      if (row === undefined || row.heartbeatAt < now) return 'failed'
      return stopwatch() - began > slow ? 'degraded' : 'operational'
    },
  }
}
