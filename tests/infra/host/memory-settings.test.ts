import { expect, test } from 'vitest'
import { memorySettings } from '../../../infra/host/memory-settings.ts'
import { readSource } from '../../support/source-graph.ts'

test('B4 the image starts Oort with the settings of memory that `npm run up` starts it with', async () => {
  const dockerfile = await readSource('infra/Dockerfile')
  for (const [name, value] of Object.entries(memorySettings)) expect(dockerfile).toContain(`${name}=${value}`)
})
