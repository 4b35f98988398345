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
const write = store.write.bind(store)
let points = 0
const pass = (): void => {
  points += 1
  if (points === last) process.kill(process.pid, 'SIGKILL')
}

Object.assign(store, {
  async write<T>(unit: Parameters<typeof write<T>>[0]): Promise<T> {
    pass()
    const value = await write(async (db) => {
      const done = await unit(db)
      pass()
      return done
    })
    pass()
    return value
  },
})
await rekey(platform, consoleActor(), { batchRows: 3 })
process.stdout.write(`${points}\n`)
