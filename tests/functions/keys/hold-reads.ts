import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import SqliteDatabase from 'better-sqlite3'

/** A connection of somebody else: it takes a snapshot, keeps it for a moment and lets it go, until it is told to stop. */
const reading = new SqliteDatabase(String(workerData), { readonly: true })
const state = { stopped: false }
parentPort?.once('message', () => {
  state.stopped = true
})
let snapshots = 0
while (!state.stopped) {
  reading.exec('BEGIN')
  reading.prepare('SELECT count(*) FROM provider_keys').get()
  await sleep(2)
  reading.exec('COMMIT')
  snapshots += 1
  parentPort?.postMessage(snapshots)
  await sleep(4)
}
reading.close()
