import { mkdir, mkdtemp, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { day } from '../../core/clock.ts'
import { hasCode } from '../../core/has-code.ts'

const folderName = 'scratch'

/** Those that this process has lent out. */
const lent = new Set<string>()

/**
 * Lends a folder on the disk of the database, for its owner alone, and removes it with all that is in it. What a crash
 * left of earlier ones goes first.
 */
export async function withScratch<T>(dataDir: string, work: (folder: string) => Promise<T>): Promise<T> {
  const parent = join(dataDir, folderName)
  const folder = await makeFolder(parent)
  lent.add(basename(folder))
  try {
    return await work(folder)
  } finally {
    lent.delete(basename(folder))
    await rm(folder, { recursive: true, force: true })
    // Stays where another process has its own in it.
    await rmdir(parent).catch(() => undefined)
  }
}

/** Another process that is done with its own takes the parent away, at any moment while nobody has a folder in it. */
async function makeFolder(parent: string): Promise<string> {
  for (;;) {
    try {
      await mkdir(parent, { recursive: true, mode: 0o700 })
      await sweep(parent)
      return await mkdtemp(join(parent, `${hostname()}.${process.pid}.`))
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
    }
  }
}

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
    if (isLeftBehind(name) || Date.now() - mtimeMs > day) await rm(path, { recursive: true, force: true })
  }
}

/** Of a process that is no more. One of our own pid that we did not lend is of our predecessor in a container. */
function isLeftBehind(name: string): boolean {
  const [, host, pid] = /^(.+)\.(\d+)\.\w{6}$/.exec(name) ?? []
  if (host !== hostname()) return false
  if (Number(pid) === process.pid) return !lent.has(name)
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return hasCode(error, 'ESRCH')
  }
}
