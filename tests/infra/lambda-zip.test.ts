import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { zip } from '../../infra/lambda/zip.ts'

test('the same files give the same bytes, whatever their order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oort-zip-'))
  const file = (path: string) => ({ path, source: Buffer.from(path.repeat(99)), executable: path === 'b' })
  const one = await zip(['a', 'b', 'c'].map(file), join(folder, 'one.zip'))
  expect(await zip(['c', 'a', 'b'].map(file), join(folder, 'other.zip'))).toEqual(one)
  expect((await zip(['a', 'b'].map(file), join(folder, 'less.zip'))).sha256).not.toBe(one.sha256)
  await rm(folder, { recursive: true })
})
