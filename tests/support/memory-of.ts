import { readFile } from 'node:fs/promises'

/**
 * The memory that a process has at this moment, and the most that it ever had, in bytes. Throws when it has none any
 * more. Source: proc_pid_status(5), VmRSS and VmHWM.
 */
export async function memoryOf(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const of = (name: string) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]
    if (found === undefined) throw new Error(`process ${pid} has ended`)
    return Number(found) * 1_024
  }
  return { now: of('VmRSS'), peak: of('VmHWM') }
}
