import { once } from 'node:events'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { PassThrough, type Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StreamingHandler } from '../../core/http/lambda.ts'
import { cacheOf, compileCode } from './cached-code.ts'
import { urlEvent } from './url-event.ts'

// `node write-code-cache.ts <folder> <name> <path> …`: starts the code as its program would, asks for each path, so that
// V8 has compiled all that a start and a first answer need, and writes what it made as `<name>.cache`. The parent gives
// it a database and secrets of its own. See warm-code.ts.

const [folder = '', name = '', ...paths] = process.argv.slice(2)

globalThis.awslambda = {
  streamifyResponse: (handler) => (event: unknown) => handler(event, new PassThrough().resume(), context),
  HttpResponseStream: { from: (to: Writable) => to },
}
const context = {} as Parameters<StreamingHandler>[2]

const code = compileCode(folder, name)
const { handler } = code.run() as { readonly handler?: (event: unknown, context: unknown) => Promise<unknown> }
for (const path of paths) await (handler === undefined ? askServer(path) : handler(urlEvent(path), context))
const draft = join(folder, `${name}.cache.draft`)
writeFileSync(draft, cacheOf(code, readFileSync(join(folder, `${name}.cjs`))))
renameSync(draft, join(folder, `${name}.cache`))
process.exit(0)

/** Asks the server that the code starts, as soon as it listens. */
async function askServer(path: string): Promise<void> {
  for (;;) {
    try {
      const [answer] = (await once(get(`http://127.0.0.1:${process.env['OORT_PORT']}${path}`), 'response')) as [
        IncomingMessage,
      ]
      await once(answer.resume(), 'end')
      return
    } catch {
      await sleep(20)
    }
  }
}
