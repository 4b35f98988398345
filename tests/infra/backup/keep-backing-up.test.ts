import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { day } from '../../../core/clock.ts'
import { keepBackingUp } from '../../../infra/backup/keep-backing-up.ts'
import { type Lab, openLab } from './lab.ts'

let lab: Lab

beforeEach(async () => {
  lab = await openLab()
})

afterEach(async () => {
  vi.useRealTimers()
  await lab.close()
})

test('R5 backups go on when a clock that ran ahead is set right', async () => {
  const ending = new AbortController()
  const right = Date.now()
  const said: string[] = []
  vi.useFakeTimers({ toFake: ['Date'], now: right + 90 * day })
  const rounds = keepBackingUp({
    dataDir: lab.house.dataDir,
    everyMs: 20,
    signal: ending.signal,
    backUp: () => lab.backUp(),
    shipDeletions: async () => undefined,
    say: (line) => said.push(line),
    explain: String,
  })
  await expect.poll(() => said.length).toBeGreaterThan(0)
  vi.setSystemTime(right)
  const before = said.length
  await expect.poll(() => said.length).toBeGreaterThan(before + 1)
  ending.abort()
  await rounds
  expect(said.every((line) => line.endsWith(' made'))).toBe(true)
})
