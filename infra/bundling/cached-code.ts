import { isAscii } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'

/**
 * The code of a program, `<name>.cjs`, and beside it `<name>.cache`: what V8 made of that code in a run at build time.
 * With it a start compiles nothing. Node's own cache (`module.enableCompileCache`) holds a quarter as much, since it
 * lacks what was compiled after loading, and its name depends on the user who runs the program.
 *
 * The code may `require`, and cannot `import()`.
 *
 * V8 refuses a cache of another version or of other flags, but knows its source by length alone. So a cache begins with
 * a digest of itself, the code and the Node that it is for, and any other one is passed over: then V8 compiles as ever.
 */
export interface Code {
  readonly script: Script
  /** True where the cache was used. */
  readonly cached: boolean
  /** Runs the code and answers with what it exports. */
  run(): unknown
}

const digestBytes = 32

/** Throws where there is no such code; never for its cache. */
export function compileCode(folder: string, name: string): Code {
  const file = join(folder, `${name}.cjs`)
  const source = readFileSync(file)
  const cachedData = readCache(join(folder, `${name}.cache`), source)
  const opening = '(function (exports, require, module, __filename, __dirname) {'
  // The build writes ASCII alone, which is read faster and of which V8 keeps one byte for each character.
  const text = source.toString(isAscii(source) ? 'latin1' : 'utf8')
  const script = new Script(`${opening}${text}\n})`, {
    filename: file,
    columnOffset: -opening.length,
    ...(cachedData === undefined ? {} : { cachedData }),
  })
  return {
    script,
    cached: cachedData !== undefined && script.cachedDataRejected === false,
    run() {
      const module = { exports: {} as unknown }
      script.runInThisContext()(module.exports, createRequire(file), module, file, folder)
      return module.exports
    },
  }
}

/** What is to be written as `<name>.cache` for the code, once it has done what is to be in there. */
export function cacheOf({ script }: Code, source: Buffer): Buffer {
  const data = script.createCachedData()
  return Buffer.concat([digestOf(source, data), data])
}

function readCache(file: string, source: Buffer): Buffer | undefined {
  let kept: Buffer
  try {
    kept = readFileSync(file)
  } catch {
    return undefined
  }
  const data = kept.subarray(digestBytes)
  return digestOf(source, data).equals(kept.subarray(0, digestBytes)) ? data : undefined
}

function digestOf(source: Buffer, data: Buffer): Buffer {
  return createHash('sha256')
    .update(`${process.version} ${process.platform} ${process.arch} ${source.length}\n`)
    .update(source)
    .update(data)
    .digest()
}
