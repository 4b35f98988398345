import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { currentCaddy } from '../../support/caddy.ts'
import { holdCaddyfile } from './hold-caddyfile.ts'

// `npm test` fetches it where apt can, and says so where it cannot.
describe.skipIf(!existsSync(currentCaddy))('a Caddy as production runs it', () => {
  test('is newer than what Debian 12 has', () => {
    const [, minor] = /^v?2\.(\d+)/.exec(execFileSync(currentCaddy, ['version'], { encoding: 'utf8' })) ?? []
    expect(Number(minor)).toBeGreaterThan(6)
  })

  holdCaddyfile(currentCaddy)
})
