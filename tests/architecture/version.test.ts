import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { version } from '../../core/version.ts'
import { root } from '../support/source-graph.ts'

test('the code and the package say the same version', async () => {
  const { version: packaged } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  expect(version).toBe(packaged)
})
