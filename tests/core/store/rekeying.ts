import { parseConfig } from '../../../core/config.ts'
import { createPlatform, insideOf } from '../../../core/platform.ts'
import { consoleActor } from '../../../core/scope/console-scope.ts'
import { rekey } from '../../../core/store/rekey.ts'

/**
 * A rekey in a process of its own, in batches of three rows. It dies by SIGKILL at the point that its argument counts
 * to: before, inside and after each of its transactions. At its end it prints how many points there were.
 */
const last = Number(process.argv[2])
const platform = await createPlatform(parseConfig({ ...process.env, OORT_LOG_LEVEL: 'silent' }))
const { store } = insideOf(platform)
const alone = store.alone.bind(store)
let points = 0
const pass = (): void => {
  points += 1
  if (points === last) process.kill(process.pid, 'SIGKILL')
}

Object.assign(store, {
  async alone<T>(unit: Parameters<typeof alone<T>>[0], tables: Parameters<typeof alone<T>>[1]): Promise<T> {
    pass()
    const value = await alone(async (db) => {
      const done = await unit(db)
      pass()
      return done
    }, tables)
    pass()
    return value
  },
})
await rekey(platform, consoleActor(), { batchRows: 3 })
process.stdout.write(`${points}\n`)
