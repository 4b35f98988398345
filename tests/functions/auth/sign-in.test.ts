import { expect, test } from 'vitest'
import { startOort } from '../../support/oort.ts'

test('signs in', async () => {
  const oort = await startOort()
  const b = await oort.signedIn()
  expect(b.cookie).toContain('__Host-oort')
  await oort.close()
})
