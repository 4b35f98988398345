import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether system calls can be followed here: strace(1) is Linux's, and some containers forbid it. */
export const canTrace = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true'], { stdio: 'ignore' }).status === 0

/** Follows the system calls of a running process, and makes some of them fail. */
export interface Trace {
  /** Lets the process go on untraced, and answers its calls, a line each, in their order. */
  end(): Promise<readonly string[]>
}

/**
 * Attaches strace(1) to the main thread of a process, which is the one that SQLite and sockets are used on; answers when
 * it is attached. `options` say what is traced, such as `-e trace=fsync`, and what fails, such as
 * `-e inject=fsync:error=EIO`. Files and sockets stand in the lines by name.
 */
export async function trace(pid: number, options: readonly string[]): Promise<Trace> {
  const folder = mkdtempSync(join(tmpdir(), 'oort-trace-'))
  const file = join(folder, 'calls')
  const args = ['-y', '-s', '16', '-o', file, ...options, '-p', String(pid)]
  const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const closed = once(strace, 'close')
  let said = ''
  await new Promise<void>((resolve, reject) => {
    strace.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (/attached/.test(said)) resolve()
    })
    closed.then(() => reject(new Error(`strace ended: ${said}`)), reject)
  })
  return {
    async end() {
      strace.kill('SIGINT')
      await closed
      const lines = (await readFile(file, 'utf8')).split('\n')
      await rm(folder, { recursive: true })
      return lines
    },
  }
}
