import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../core/has-code.ts'

/** A start that must not go on; the message tells a person why and what to do. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
}

/**
 * Makes this process the only `up` over a data directory and answers with what gives that up again.
 * Throws StartRefused when another one runs. A claim left behind by a crash is taken over.
 */
export function claimInstance(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, 'up.pid')
  const claim = (): boolean => {
    try {
      const file = openSync(path, 'wx', 0o600)
      writeSync(file, String(process.pid))
      closeSync(file)
      return true
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false
      throw error
    }
  }
  if (!claim()) {
    const holder = Number(readFileSync(path, 'utf8'))
    if (isUp(holder)) {
      throw new StartRefused(`Oort is up already (process ${holder}). Stop it with: kill ${holder}`)
    }
    rmSync(path)
    if (!claim()) throw new StartRefused('Oort is being started by another process at this moment')
  }
  return () => rmSync(path, { force: true })
}

/** Whether a process id belongs to an `up`, as ids are used again. Where /proc is absent, any live process counts. */
function isUp(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('up.ts')
  } catch {
    return true
  }
}
