import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { root } from '../support/source-graph.ts'
import { readInstalled } from './lockfile.ts'

/** Licences that ask for their text to be kept and for nothing else: what they cover may go into bundles and images. */
const allowed = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0']

const production = readInstalled().filter((found) => found.production)

test('every package of production is under a licence of the list', () => {
  expect(production.length).toBeGreaterThan(50)
  expect(production.filter(({ license }) => !allowed.includes(license ?? ''))).toEqual([])
})

test('what the lockfile says of a licence is what the package itself says', () => {
  const named = z.looseObject({ license: z.string().optional() })
  const differing = production.filter(({ place, license }) => {
    const own = named.parse(JSON.parse(readFileSync(join(root, place, 'package.json'), 'utf8')))
    return own.license !== license
  })
  expect(differing.map(({ place }) => place)).toEqual([])
})
