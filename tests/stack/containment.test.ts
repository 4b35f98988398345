import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtVersion, engineMissing, mustDocker } from './compose.ts'
import { type Service, type Stack, startStack } from './lab.ts'

const services = ['caddy', 'oort', 'backup'] as const
const megabyte = 1024 ** 2
const limits: Readonly<Record<Service, { readonly memory: number; readonly processes: number }>> = {
  caddy: { memory: 192 * megabyte, processes: 64 },
  oort: { memory: 512 * megabyte, processes: 128 },
  backup: { memory: 256 * megabyte, processes: 64 },
}

/** Runs inside: what the kernel says of a process there, and what it lets it do. */
const selfReport = `
  const { readFileSync, writeFileSync } = require('node:fs')
  const attempt = (path) => { try { writeFileSync(path, 'x'); return 'written' } catch ({ code }) { return code } }
  const status = Object.fromEntries(readFileSync('/proc/1/status', 'utf8').split('\\n').map((line) => line.split(/:\\s*/)))
  const [, tmp] = readFileSync('/proc/mounts', 'utf8').match(/^tmpfs \\/tmp tmpfs (\\S+)/m)
  console.log(JSON.stringify({
    uid: status.Uid.split(/\\s+/), gid: status.Gid.split(/\\s+/),
    capabilities: [status.CapInh, status.CapPrm, status.CapEff, status.CapBnd, status.CapAmb].map((set) => parseInt(set, 16)),
    noNewPrivileges: status.NoNewPrivs, seccomp: status.Seccomp,
    root: attempt('/written'), code: attempt('/usr/local/bin/written'), tmp: attempt('/tmp/written'), data: attempt('/data/written'),
    tmpOptions: tmp.split(','), core: /Max core file size\\s+0\\s+0/.test(readFileSync('/proc/1/limits', 'utf8')),
    memory: process.constrainedMemory(), environment: readFileSync('/proc/1/environ', 'utf8'),
  }))`

describe.skipIf(engineMissing !== undefined)('a contained stack', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await startStack()
  })
  afterAll(() => stack?.close())

  test.each(services)(
    '%s has no root, no capability, no way to gain one, and a root file system it cannot write',
    async (service) => {
      const { stdout, stderr } = await stack.exec(service, ['node', '--eval', selfReport])
      expect(stderr).toBe('')
      const { environment, ...report } = JSON.parse(stdout)
      expect(report).toMatchObject({
        uid: ['65532', '65532', '65532', '65532'],
        gid: ['65532', '65532', '65532', '65532'],
        capabilities: [0, 0, 0, 0, 0],
        noNewPrivileges: '1',
        seccomp: '2',
        root: 'EROFS',
        code: 'EROFS',
        tmp: 'written',
        data: 'written',
        core: true,
        memory: limits[service].memory,
      })
      expect(report.tmpOptions).toEqual(expect.arrayContaining(['nosuid', 'nodev', 'noexec']))
      for (const secret of stack.secrets) expect(environment).not.toContain(secret)
    },
  )

  test.each(services)('%s is limited in memory, swap and processes, and comes back by itself', async (service) => {
    const { memory, processes } = limits[service]
    expect((await stack.inspect(service)).HostConfig).toMatchObject({
      Memory: memory,
      // Of memory and swap together: nothing is swapped to disk.
      MemorySwap: memory,
      PidsLimit: processes,
      ReadonlyRootfs: true,
      Privileged: false,
      RestartPolicy: { Name: 'unless-stopped' },
    })
  })

  test('only Caddy is reached from outside, and a shell is nowhere', async () => {
    const published = await Promise.all(
      services.map(async (service) => {
        const ports = Object.entries((await stack.inspect(service)).NetworkSettings.Ports)
        return [service, ports.filter(([, host]) => host !== null).map(([port]) => port)]
      }),
    )
    expect(published).toEqual([
      ['caddy', ['443/tcp', '80/tcp']],
      ['oort', []],
      ['backup', []],
    ])
    for (const service of services) {
      const { exitCode } = await stack.exec(service, ['sh', '-c', 'exit 0'])
      expect([service, exitCode]).not.toEqual([service, 0])
    }
  })

  test('no secret is in what the engine tells of containers, nor in how the images were made', async () => {
    expect(stack.secrets).toHaveLength(3)
    const told = await Promise.all([
      ...services.map(async (service) => JSON.stringify(await stack.inspect(service))),
      ...['oort', 'oort-caddy'].map((image) => mustDocker(['history', '--no-trunc', `${image}:${builtVersion}`])),
      ...['oort', 'oort-caddy'].map((image) => mustDocker(['image', 'inspect', `${image}:${builtVersion}`])),
      stack.compose('logs', '--no-color').then(({ stdout }) => stdout),
    ])
    for (const secret of stack.secrets) for (const text of told) expect(text).not.toContain(secret)
  })

  test('the image holds what runs and nothing else, in less than 200 MB', async () => {
    const { Id } = await stack.inspect('oort')
    const listing = await stack.exec('oort', [
      'node',
      '--eval',
      `
      const { globSync } = require('node:fs')
      console.log(JSON.stringify([...globSync('/oort/**'), ...globSync('/usr/**'), ...globSync('/*')]))`,
    ])
    const paths = JSON.parse(listing.stdout) as readonly string[]
    const needed = ['/oort/router.js', '/oort/oort.js', '/oort/sbom.cdx.json', '/usr/local/bin/node']
    expect(paths).toEqual(expect.arrayContaining(needed))
    const packages = new Set(paths.flatMap((path) => /^\/oort\/node_modules\/([^/]+)$/.exec(path)?.[1] ?? []))
    expect([...packages]).toEqual(['better-sqlite3'])
    expect(paths.filter((path) => /\/\.env|\.map$|\/\.git|\/tests?\//.test(path))).toEqual([])
    const programs = paths.filter((path) => /\/s?bin\/./.test(path))
    expect(programs.sort()).toEqual(['/usr/local/bin/node', '/usr/local/bin/oort'])
    const size = Number(await mustDocker(['image', 'inspect', '--format', '{{.Size}}', `oort:${builtVersion}`]))
    expect([Id.length, size]).toEqual([64, expect.any(Number)])
    expect(size).toBeLessThan(200e6)
  })
})
