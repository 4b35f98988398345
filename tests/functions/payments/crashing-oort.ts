import { insideOf } from '../../../core/platform.ts'
import { startOort } from '../../support/oort.ts'

/**
 * An Oort in a process of its own, over a data directory that is there already. It dies by SIGKILL at the place that
 * its argument names, the first time that a payment event gets there.
 */
const place = process.argv[2]
const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']))
const oort = await startOort({ dataDir: env['OORT_DATA_DIR'] ?? '', env })
const { store } = insideOf(oort.platform)
const write = store.write.bind(store)
const die = (): void => void process.kill(process.pid, 'SIGKILL')

Object.assign(store, {
  async write<T>(unit: Parameters<typeof write<T>>[0]): Promise<T> {
    if (place === 'before the transaction') die()
    const value = await write(async (db) => {
      const done = await unit(db)
      if (place === 'after the effect, before the commit') die()
      return done
    })
    if (place === 'after the commit, before the answer') die()
    return value
  },
})
process.stdout.write(`${oort.origin}\n`)
