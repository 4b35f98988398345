import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { root } from '../support/source-graph.ts'

const entry = z.looseObject({
  version: z.string(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  link: z.boolean().optional(),
  license: z.string().optional(),
  dev: z.boolean().optional(),
  devOptional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
})
const lockfile = z.looseObject({ packages: z.record(z.string(), z.looseObject({})) })

/** A package as it is installed: several versions of one have several places. */
export interface Installed extends z.infer<typeof entry> {
  readonly name: string
  /** Where it lies, such as `node_modules/ajv/node_modules/fast-uri`. */
  readonly place: string
  /** Whether it is installed with `npm ci --omit=dev`, and so may be in a bundle or an image. */
  readonly production: boolean
}

export const lockfileText = readFileSync(join(root, 'package-lock.json'), 'utf8')

/** Every installed copy of every package that the lockfile names, transitive ones too, without the project itself. */
export function readInstalled(text: string = lockfileText): readonly Installed[] {
  const { packages } = lockfile.parse(JSON.parse(text))
  return Object.entries(packages)
    .filter(([place]) => place !== '')
    .map(([place, found]) => {
      const read = entry.parse(found)
      const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
      return { ...read, name, place, production: read.dev !== true && read.devOptional !== true }
    })
}
