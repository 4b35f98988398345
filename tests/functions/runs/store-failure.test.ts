import { hostname } from 'node:os'
import { afterAll, expect, test } from 'vitest'
import { liveRunsOf } from '../../../core/runs/live-runs.ts'
import { recoverRuns } from '../../../core/runs/recover-runs.ts'
import { runs } from '../../../core/store/schema.ts'
import { refusing } from '../../support/behind-the-store.ts'
import { scopeOf } from '../../support/seed.ts'
import { eventsIn, openLab } from './lab.ts'

const lab = await openLab()
afterAll(() => lab[Symbol.asyncDispose]())

test('R4 a run that cannot be written down is not sent, and its key is not opened', async () => {
  const ada = await lab.person()
  const ask = () => ada.browser.post('/api/runs', { model: 'gpt-5.4', prompt: 'x' })
  const answer = await refusing(lab.oort.platform, 'INSERT ON runs', ask)
  expect(answer.status).toBe(500)
  expect(lab.emulator.requests).toHaveLength(0)
  expect(await scopeOf(lab.oort.platform, ada.userId).audit({ action: 'key.used', limit: 1 })).toEqual([])
})

test('R4 an answer whose end cannot be written down reaches its owner; its run is interrupted in the history', async () => {
  const ada = await lab.person()
  const { platform } = lab.oort
  const ask = (stream: boolean) => ada.browser.post('/api/runs', { model: 'gpt-5.4', prompt: 'hello', stream })
  const [streamed, whole] = await refusing(platform, 'UPDATE ON runs', () => Promise.all([ask(true), ask(false)]))
  expect(eventsIn(streamed.text).at(-1)?.event).toBe('done')
  expect(whole.json()).toMatchObject({ output: 'You said: hello' })
  expect(lab.oort.log()).toContain('the end of a run could not be written down')

  const ids = [streamed, whole].map(({ headers }) => String(headers.get('x-oort-run-id')))
  expect(ids.map((id) => liveRunsOf(platform).find(id as never))).toEqual([undefined, undefined])
  await recoverRuns(platform, { id: platform.instanceId, host: hostname(), pid: process.pid })
  const kept = await scopeOf(platform, ada.userId).list(runs, { limit: 5 })
  expect(kept.map(({ state }) => state)).toEqual(['interrupted', 'interrupted'])
})
