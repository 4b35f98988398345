import { start } from '../../support/process.ts'
import type { Contender } from './contender.ts'

/** The bare pass-through, as a process of its own. */
export async function startPassThrough(provider: string): Promise<Contender> {
  const { child, ended, origin } = start('tests/bench/gateway/pass-through.ts', [provider], {})
  return {
    name: 'Bare pass-through',
    origin: await origin,
    headers: {},
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
