import { expect, test } from 'vitest'
import { catalogue } from '../../core/errors.ts'
import { listSources, readSource } from '../support/source-graph.ts'

const codes = Object.keys(catalogue)

test('every code of the catalogue is given somewhere', async () => {
  const product = listSources().filter((path) => !path.startsWith('tests/') && path !== 'core/errors.ts')
  const texts = await Promise.all([...product, 'Caddyfile'].map((path) => readSource(path).catch(() => '')))
  const given = new Set(
    texts.flatMap((text) => [...text.matchAll(/['"`]([A-Z][A-Z_]+)['"`]/g)].map(([, code]) => code)),
  )
  expect(codes.filter((code) => !given.has(code))).toEqual([])
})

test('every code has an error status and a title of its own', () => {
  const titles = Object.values(catalogue).map(({ title }) => title)
  expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([])
  for (const { status } of Object.values(catalogue)) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(600)
  }
})
