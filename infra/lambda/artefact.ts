import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CapabilityName } from '../capabilities.ts'

export const architectures = ['x64', 'arm64'] as const
export type Architecture = (typeof architectures)[number]

/** One file of an artefact: where it lies in there, and where it is from. */
export interface ArtefactFile {
  readonly path: string
  readonly source: string | Buffer
  readonly executable: boolean
}

const root = join(import.meta.dirname, '../..')
const file = (path: string, source: string | Buffer, executable = false): ArtefactFile => ({ path, source, executable })

/**
 * What Lambda needs of one function, unpacked at `/var/task`: the bundle with what it reads from beside itself, licences,
 * and of the one native module what runs there. What V8 compiled of it goes along where it is of that architecture, this
 * machine's. Handler: `lambda.handler`. `dist` is what the build wrote.
 */
export async function functionArtefact(name: CapabilityName, arch: Architecture, dist: string) {
  const unwanted = arch === process.arch ? /^index\.js|\.map$/ : /^index\.js|\.map$|\.cache$/
  const built = await under(join(dist, 'functions', name), (path) => !unwanted.test(path))
  const sqlite = await under(join(root, 'node_modules/better-sqlite3'), (path) =>
    new RegExp(
      `^(package.json|LICENSE|lib/(methods/.+|binding|database|index|sqlite-error|util).js|prebuilds/linux-${arch}.node)$`,
    ).test(path),
  )
  return [
    ...built,
    file('package.json', Buffer.from('{"type":"module"}\n')),
    ...sqlite.map(({ path, ...rest }) => ({ ...rest, path: `node_modules/better-sqlite3/${path}` })),
  ]
}

/**
 * The layer that brings the runtime, unpacked at `/opt`: the Node of the lockfile, our runtime, and the libraries that
 * Amazon Linux's minimal system lacks. Of this machine's architecture, whose Node it is.
 */
export async function runtimeLayer(dist: string): Promise<readonly ArtefactFile[]> {
  const node = join(root, 'node_modules/node/bin/node')
  const libraries = execFileSync('ldd', [node], { encoding: 'utf8' })
  const [, atomic] = /libatomic\S* => (\S+)/.exec(libraries) ?? []
  return [
    file('bootstrap', join(import.meta.dirname, 'bootstrap'), true),
    file('bin/node', node, true),
    file('runtime.js', join(dist, 'lambda/runtime.js')),
    file('package.json', Buffer.from('{"type":"module"}\n')),
    ...(atomic === undefined ? [] : [file(`lib/${basename(atomic)}`, atomic, true)]),
  ]
}

async function under(folder: string, wanted: (path: string) => boolean): Promise<readonly ArtefactFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => wanted(path.slice(folder.length + 1)))
    .map((path) => file(path.slice(folder.length + 1), path))
}

/** The bytes of a file of an artefact. */
export async function bytesOf({ source }: ArtefactFile): Promise<Buffer> {
  return typeof source === 'string' ? await readFile(source) : source
}
