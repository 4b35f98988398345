import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import * as z from 'zod'

// `npm run sbom`: what production is made of, as the lockfile has it: CycloneDX 1.5 (ECMA-424) by `npm sbom`, into
// dist/sbom.cdx.json or the file that is named. The same lockfile and npm give the same bytes.

const root = join(import.meta.dirname, '..')
const outfile = resolve(process.argv[2] ?? join(root, 'dist/sbom.cdx.json'))

const manifest = z.looseObject({ devDependencies: z.unknown() })
const lockfile = z.looseObject({ packages: z.record(z.string(), z.looseObject({})) })
const billOfMaterials = z.looseObject({ metadata: z.looseObject({ timestamp: z.unknown() }) })

const folder = await mkdtemp(join(tmpdir(), 'oort-sbom-'))
try {
  await mkdir(dirname(outfile), { recursive: true })
  await writeFile(outfile, await describeProduction(join(folder, 'oort')))
  process.stdout.write(`${relative(process.cwd(), outfile)}\n`)
} finally {
  await rm(folder, { recursive: true, force: true })
}

/**
 * Has npm describe a project that has production's dependencies alone. `--omit=dev` is not enough: npm leaves out with
 * it what production and development both ask for. `project` is named like the project, which npm takes from there.
 */
async function describeProduction(project: string): Promise<string> {
  const locked = await readFile(join(root, 'package-lock.json'), 'utf8')
  const { devDependencies: _, ...production } = manifest.parse(
    JSON.parse(await readFile(join(root, 'package.json'), 'utf8')),
  )
  const { packages, ...head } = lockfile.parse(JSON.parse(locked))
  const kept = Object.entries(packages).filter(([, entry]) => entry['dev'] !== true && entry['devOptional'] !== true)
  const pruned = { ...head, packages: { ...Object.fromEntries(kept), '': production } }
  await mkdir(project)
  await writeFile(join(project, 'package.json'), JSON.stringify(production))
  await writeFile(join(project, 'package-lock.json'), JSON.stringify(pruned))
  const args = [
    'sbom',
    '--package-lock-only',
    '--sbom-format=cyclonedx',
    '--sbom-type=application',
    '--no-update-notifier',
  ]
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const described = billOfMaterials.parse(
    JSON.parse(execFileSync('npm', args, { cwd: project, stdio: [...stdio], encoding: 'utf8' })),
  )
  // npm takes the time and draws a serial number: the one is left out, the other follows from the lockfile.
  const { timestamp: __, ...metadata } = described.metadata
  return `${JSON.stringify({ ...described, serialNumber: `urn:uuid:${uuidOf(locked)}`, metadata }, null, 2)}\n`
}

/** A UUID of version 8 (RFC 9562, 5.8) from the SHA-256 of a text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(12, 15)}-8${hex.slice(15, 18)}-${hex.slice(18, 30)}`
}
