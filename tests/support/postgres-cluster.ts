import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { freePort } from '../../infra/bundling/free-port.ts'

/** Where Debian puts the programs of each version that is installed. */
const versions = '/usr/lib/postgresql'

/** The programs of the newest PostgreSQL on this machine, as Debian's package `postgresql` brings them. */
export const postgresPrograms: string | undefined = findPrograms()

export interface PostgresCluster {
  /** Of the server's first process, from which all others descend. */
  readonly pid: number
  /** Of its superuser, to the database `postgres`. */
  readonly url: string
  /** A new database with an owner of its own, who can make roles and is no superuser, as hosted services have it. */
  createDatabase(): Promise<string>
  /** Another server that follows this one by streaming replication, with all its databases. It can only be read. */
  startReplica(): Promise<PostgresCluster>
  /** Makes a replica a primary: answers when it takes writes. */
  promote(): Promise<void>
  /** Ends it at once, as a crash does: nothing is flushed, and what it did is recovered at the next start, if ever. */
  kill(): Promise<void>
  /** Ends it, with its replicas, and forgets what it held. */
  stop(): Promise<void>
}

export interface ClusterOptions {
  /** Whether a commit waits for the disk: true unless told. */
  readonly fsync?: boolean
}

const superuser = 'postgres'
const startLimitMs = 20_000

/** Starts an empty server on a loopback port and nowhere else. Throws where there is no PostgreSQL. */
export function startPostgres({ fsync = true }: ClusterOptions = {}): Promise<PostgresCluster> {
  return inFolder(async (folder) => {
    const password = randomBytes(16).toString('hex')
    const secret = join(folder, 'password')
    await writeFile(secret, password)
    const auth = ['--auth=scram-sha-256', `--username=${superuser}`, `--pwfile=${secret}`]
    const sync = fsync ? [] : ['--no-sync']
    const data = join(folder, 'data')
    await runProgram('initdb', ['--locale=C', '--encoding=UTF8', '--pgdata', data, ...auth, ...sync])
    return serve(folder, password, fsync)
  })
}

async function serve(folder: string, password: string, fsync: boolean): Promise<PostgresCluster> {
  const port = await freePort()
  const at = (user: string, secret: string, database: string) =>
    `postgres://${user}:${secret}@127.0.0.1:${port}/${database}`
  const url = at(superuser, password, 'postgres')
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 300,
    fsync: fsync ? 'on' : 'off',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(program('postgres'), ['-D', join(folder, 'data'), ...args], {
    ...(await asServer()),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const replicas: PostgresCluster[] = []
  /** Both ask all its processes to end. Source: https://www.postgresql.org/docs/current/server-shutdown.html */
  const end = async (how: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill(how)
    await closed
  }
  const stop = async (): Promise<void> => {
    await Promise.all(replicas.map((replica) => replica.stop()))
    await end('SIGINT')
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await untilItAnswers(child, url)
  } catch (error) {
    await end('SIGQUIT')
    throw error
  }
  return {
    pid: child.pid ?? 0,
    url,
    async createDatabase() {
      const [name, secret] = [`oort_${randomBytes(4).toString('hex')}`, randomBytes(16).toString('hex')]
      await say(
        url,
        `CREATE ROLE ${name} LOGIN CREATEROLE PASSWORD '${secret}'`,
        `CREATE DATABASE ${name} OWNER ${name}`,
      )
      return at(name, secret, name)
    },
    async startReplica() {
      const replica = await inFolder(async (copy) => {
        const from = ['--host=127.0.0.1', `--port=${port}`, `--username=${superuser}`, '--checkpoint=fast']
        const to = ['--pgdata', join(copy, 'data'), ...(fsync ? [] : ['--no-sync'])]
        // The password comes to stand in the replica's settings, beside the address of the server that it follows.
        await runProgram('pg_basebackup', ['--write-recovery-conf', ...from, ...to], { PGPASSWORD: password })
        return serve(copy, password, fsync)
      })
      replicas.push(replica)
      return replica
    },
    promote: () => say(url, 'SELECT pg_promote()'),
    kill: () => end('SIGQUIT'),
    stop,
  }
}

async function untilItAnswers(child: ChildProcess, url: string): Promise<void> {
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const deadline = Date.now() + startLimitMs
  for (;;) {
    try {
      return await say(url)
    } catch (cause) {
      if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
        throw new Error(`PostgreSQL did not start:\n${log}`, { cause })
      }
    }
    await sleep(25)
  }
}

async function say(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url })
  // A connection that breaks says so twice: where it is waited for, and here.
  client.on('error', () => undefined)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** What starts in a folder of its own, which goes again where it does not. */
async function inFolder(start: (folder: string) => Promise<PostgresCluster>): Promise<PostgresCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'oort-postgres-'))
  try {
    const { uid, gid } = await asServer()
    if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid)
    return await start(folder)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function runProgram(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const options = { ...(await asServer()), cwd: tmpdir(), env: { PATH: process.env['PATH'], ...env } }
  await promisify(execFile)(program(name), args, options)
}

/** PostgreSQL refuses to run as root: there its package's own user lends itself. */
async function asServer(): Promise<{ readonly uid?: number; readonly gid?: number }> {
  if (process.getuid?.() !== 0) return {}
  const accounts = await readFile('/etc/passwd', 'utf8')
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(accounts) ?? []
  if (uid === undefined || gid === undefined) throw new Error('Root may not run PostgreSQL, and has no user postgres')
  return { uid: Number(uid), gid: Number(gid) }
}

function program(name: string): string {
  if (postgresPrograms === undefined) throw new Error('There is no PostgreSQL here: apt-get install postgresql')
  return join(postgresPrograms, name)
}

function findPrograms(): string | undefined {
  if (!existsSync(versions)) return undefined
  const numbers = readdirSync(versions).map(Number).filter(Number.isFinite)
  const found = numbers.sort((a, b) => b - a).map((version) => join(versions, String(version), 'bin'))
  return found.find((folder) => existsSync(join(folder, 'initdb')))
}
