import { readdir, readFile } from 'node:fs/promises'

/** Of the clock that the kernel counts the time of processes by. Source: sysconf(3), _SC_CLK_TCK on Linux. */
const ticksPerSecond = 100

/**
 * Seconds of CPU that a process has used so far, with all that descends from it and lives. Source: proc_pid_stat(5).
 */
export async function cpuSeconds(pid: number): Promise<number> {
  const all = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(readStat))
  const known = all.filter((each) => each !== undefined)
  const family = new Set([pid])
  // Children have higher numbers than their parents nearly always; once more for those that have not.
  for (let round = 0; round < 2; round += 1) for (const each of known) if (family.has(each.parent)) family.add(each.pid)
  return known.filter((each) => family.has(each.pid)).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond
}

async function readStat(pid: string) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return undefined
  // The name of the program is in brackets, and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }
}
