import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hour } from '../../core/clock.ts'
import { syncFolder } from '../../core/store/append-only-file.ts'
import { ObjectMissing, type Target } from './target.ts'

const partial = '.partial'

/** Objects as files of a folder, which is made where it is missing. Readable by their owner alone. */
export async function openFolderTarget(folder: string): Promise<Target> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return {
    async put(name, bytes) {
      const unfinished = join(folder, `${name}.${randomBytes(4).toString('hex')}${partial}`)
      const file = await open(unfinished, 'wx', 0o600)
      try {
        for await (const some of bytes) await file.writeFile(some)
        await file.sync()
        await rename(unfinished, join(folder, name))
      } catch (error) {
        await rm(unfinished, { force: true })
        throw error
      } finally {
        await file.close()
      }
      syncFolder(folder)
    },
    async get(name) {
      const path = join(folder, name)
      if ((await stat(path).catch(() => undefined)) === undefined) throw new ObjectMissing()
      return createReadStream(path)
    },
    async list() {
      return (await readdir(folder)).filter((name) => !name.endsWith(partial)).sort()
    },
    async remove(name) {
      await rm(join(folder, name), { force: true })
    },
    async sweep() {
      for (const name of await readdir(folder)) {
        if (!name.endsWith(partial)) continue
        const path = join(folder, name)
        // Another process may be writing a younger one.
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
        if (Date.now() - mtimeMs >= hour) await rm(path, { force: true })
      }
    },
    close() {},
  }
}
