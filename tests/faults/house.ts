import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Emulator, startEmulator } from '../support/emulator/emulator.ts'
import { type Environment, type Started, start, strongSecrets } from '../support/process.ts'
import { type Claim, examine, type Findings } from './examine.ts'
import { createPerson, type Person, type PersonOptions } from './person.ts'

/** A data directory on which router processes come and go, beside emulated providers. */
export interface House extends AsyncDisposable {
  readonly dataDir: string
  readonly env: Environment
  readonly emulator: Emulator
  /** What was acknowledged, to anybody. */
  readonly claims: Claim[]
  /** A router process. Ask it for its origin to know that it listens. */
  router(more?: Environment): Started
  person(options: Omit<PersonOptions, 'publicUrl' | 'claims'>): Person
  findings(): Promise<Findings>
}

export interface HouseOptions {
  /** A folder that is there already, and stays. */
  readonly dataDir?: string
  readonly env?: Environment
}

const publicUrl = 'https://oort.test'

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'oort-faults-')))
  // Slow enough for a stream of thousands of words to outlast what is done beside it.
  const emulator = await startEmulator({ pace: 60 })
  const env = {
    ...strongSecrets(),
    NODE_ENV: 'test',
    OORT_DATA_DIR: dataDir,
    OORT_PORT: '0',
    OORT_PUBLIC_URL: publicUrl,
    OORT_RATE_LIMIT: '0',
    OORT_OPENAI_URL: emulator.origins.openai,
    ...options.env,
  }
  const claims: Claim[] = []
  const running: Started[] = []
  return {
    dataDir,
    env,
    emulator,
    claims,
    router(more = {}) {
      const started = start('infra/router.ts', [], { ...env, ...more })
      running.push(started)
      return started
    },
    person: (given) => createPerson({ ...given, publicUrl, claims }),
    findings: () => examine(env, claims),
    async [Symbol.asyncDispose]() {
      for (const { child } of running) child.kill('SIGKILL')
      await Promise.all(running.map(({ ended }) => ended))
      await emulator.close()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
