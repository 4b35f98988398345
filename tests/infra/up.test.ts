import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError, parseConfig } from '../../core/config.ts'
import { refuseWeakSecret } from '../../core/crypto/secret-strength.ts'
import { claimInstance, StartRefused } from '../../infra/up/claim-instance.ts'
import { readEnvironment } from '../../infra/up/read-environment.ts'
import { requireFreePorts } from '../../infra/up/require-free-ports.ts'
import { createSupervisor, type Program } from '../../infra/up/supervisor.ts'
import { root } from '../support/source-graph.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oort-up-'))
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

describe('development secrets', () => {
  test('are strong, differ, and are readable by their owner alone', () => {
    const env = readEnvironment(directory, {})
    expect(refuseWeakSecret(env['BYOK_MASTER_KEY'] ?? '')).toBeUndefined()
    expect(refuseWeakSecret(env['SESSION_SECRET'] ?? '')).toBeUndefined()
    expect(env['BYOK_MASTER_KEY']).not.toBe(env['SESSION_SECRET'])
    expect(statSync(join(directory, '.env.local')).mode & 0o777).toBe(0o600)
  })

  test('are made once: a second start reads what the first one wrote', () => {
    const first = readEnvironment(directory, {})
    const file = readFileSync(join(directory, '.env.local'), 'utf8')
    expect(readEnvironment(directory, {})).toEqual(first)
    expect(readFileSync(join(directory, '.env.local'), 'utf8')).toBe(file)
  })

  test('give way to .env, and .env to the shell; a missing one is added beside the others', () => {
    writeFileSync(join(directory, '.env.local'), 'BYOK_MASTER_KEY=kept\n')
    writeFileSync(join(directory, '.env'), 'OORT_PORT=1\nOORT_HOST=file\n')
    const env = readEnvironment(directory, { OORT_HOST: 'shell' })
    expect(env).toMatchObject({ BYOK_MASTER_KEY: 'kept', OORT_PORT: '1', OORT_HOST: 'shell' })
    expect(readFileSync(join(directory, '.env.local'), 'utf8')).toMatch(/^BYOK_MASTER_KEY=kept\nSESSION_SECRET=\S+\n$/)
  })

  test('are not made where both are given', () => {
    readEnvironment(directory, { BYOK_MASTER_KEY: 'a', SESSION_SECRET: 'b' })
    expect(existsSync(join(directory, '.env.local'))).toBe(false)
  })
})

describe('.env.example', () => {
  const example = parseEnv(readFileSync(join(root, '.env.example'), 'utf8'))

  test('K7 does not start as it stands, because of each secret', () => {
    expect(() => parseConfig(example)).toThrow(ConfigError)
    expect(() => parseConfig(example)).toThrow(/BYOK_MASTER_KEY.*SESSION_SECRET/s)
  })

  test('documents every variable that the configuration reads', () => {
    const source = readFileSync(join(root, 'core/config.ts'), 'utf8')
    const read = [...source.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name)
    expect(read.length).toBeGreaterThan(10)
    expect(read.filter((name) => name !== undefined && !Object.hasOwn(example, name))).toEqual([])
  })
})

describe('one instance', () => {
  test('a second claim is refused while the holder runs', async () => {
    // The holder must look like `up` to the check, which asks the system for its command line.
    const supervisor = createSupervisor()
    const script = join(directory, 'up.ts')
    writeFileSync(script, 'setInterval(() => {}, 1_000); console.log(process.pid)')
    const output = supervisor.start(node([script], 'pipe'))
    const [pid] = await once(output ?? process.stdin, 'data')
    writeFileSync(join(directory, 'up.pid'), String(pid).trim())
    expect(() => claimInstance(directory)).toThrow(StartRefused)
    await supervisor.stop()
    claimInstance(directory)()
  })

  test('a claim left behind by a crash is taken over, also when its process id is used by something else', () => {
    writeFileSync(join(directory, 'up.pid'), String(process.pid))
    const release = claimInstance(directory)
    expect(readFileSync(join(directory, 'up.pid'), 'utf8')).toBe(String(process.pid))
    release()
    expect(existsSync(join(directory, 'up.pid'))).toBe(false)
  })
})

test('a busy port is named together with how to choose another', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const wanted = [{ host: '127.0.0.1', port, setting: 'OORT_PORT' }]
  await expect(requireFreePorts(wanted)).rejects.toThrow(new RegExp(`${port}.*OORT_PORT`))
  server.close()
  await once(server, 'close')
  await expect(requireFreePorts(wanted)).resolves.toBeUndefined()
})

describe('programs that belong together', () => {
  test('a program that ends unasked is told', async () => {
    const supervisor = createSupervisor()
    supervisor.start(node(['-e', 'process.exit(3)']))
    await expect(supervisor.crashed).resolves.toMatch(/code 3/)
    await supervisor.stop()
  })

  test('stopping lets programs finish and is no crash', async () => {
    const supervisor = createSupervisor()
    const done = join(directory, 'done')
    const script = `process.on('SIGTERM', () => setTimeout(() => { fs.writeFileSync(${JSON.stringify(done)}, ''); process.exit() }, 50)); setInterval(() => {}, 1000); console.log('up')`
    const output = supervisor.start(node(['-e', script], 'pipe'))
    await once(output ?? process.stdin, 'data')
    await supervisor.stop()
    expect(existsSync(done)).toBe(true)
    expect(await Promise.race([supervisor.crashed, sleep(20, 'quiet')])).toBe('quiet')
    expect(() => supervisor.start(node(['-e', '']))).toThrow(/not started any more/)
  })
})

function node(args: readonly string[], output: Program['output'] = 'inherit'): Program {
  return {
    name: 'program',
    command: process.execPath,
    args,
    env: { PATH: process.env['PATH'] },
    cwd: directory,
    output,
  }
}
