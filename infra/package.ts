import { mkdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './bundling/build.ts'
import { warmCode } from './bundling/warm-code.ts'
import { type CapabilityName, capabilityNames } from './capabilities.ts'
import {
  type Architecture,
  type ArtefactFile,
  architectures,
  functionArtefact,
  runtimeLayer,
} from './lambda/artefact.ts'
import { zip } from './lambda/zip.ts'

// `npm run package -- keys --arch arm64`: functions as artefacts for AWS Lambda, in dist/lambda; without a name all of
// them, and the layer with their runtime. Prints size and SHA-256 of each. See infra/lambda/template.yaml.

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

const { names, arch } = readArguments()
await warmCode(await build(dist))
const folder = join(dist, 'lambda')
await mkdir(folder, { recursive: true })
for (const name of names.length === 0 ? capabilityNames : names) {
  await write(`${name}.zip`, await functionArtefact(name, arch, dist))
}
if (names.length === 0) {
  if (arch === process.arch) await write('runtime.zip', await runtimeLayer(dist))
  else process.stderr.write(`runtime.zip is left out: the layer is made on a machine of its architecture, ${arch}\n`)
}

async function write(name: string, files: readonly ArtefactFile[]): Promise<void> {
  const path = join(folder, name)
  const { bytes, sha256 } = await zip(files, path)
  process.stdout.write(`${(bytes / 1_000).toFixed(0).padStart(7)} kB  ${sha256}  ${relative(root, path)}\n`)
}

function readArguments(): { readonly names: readonly CapabilityName[]; readonly arch: Architecture } {
  try {
    const { values, positionals } = parseArgs({
      options: { arch: { type: 'string', default: process.arch } },
      allowPositionals: true,
    })
    const isName = (name: string): name is CapabilityName => capabilityNames.some((known) => known === name)
    const chosen = architectures.find((known) => known === values.arch)
    if (chosen !== undefined && positionals.every(isName)) return { names: positionals, arch: chosen }
  } catch {
    // An option that is none gets the same answer.
  }
  process.stderr.write(
    `Usage: npm run package -- [capability …] [--arch ${architectures.join('|')}]\nCapabilities: ${capabilityNames.join(', ')}\n`,
  )
  process.exit(64)
}
